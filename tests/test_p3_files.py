"""Files as components of WASI 0.3 see them."""
import os

import test_files
import weft


class AllowedPaths(test_files.AllowedPaths):
    """What holds for components of WASI 0.2 holds for these."""
    guest = "files-p3-rust"
    read_only = b"ReadOnly"


class Files(test_files.FilesCase):
    guest = "files-p3-rust"

    def setUp(self):
        super().setUp()
        self.shared = self.folder / "shared"
        (self.shared / "sub").mkdir(parents=True)
        (self.shared / "note").write_text("shared")

    def mounted(self, *args):
        return self.serve(f'allowed_paths = [{{ source = "{self.shared}", destination = "/shared", write = true }}]', *args)

    def test_a_folder_is_a_stream_of_entries_with_their_types(self):
        (self.shared / "link").symlink_to("note")
        lines = self.mounted().get("/shared")[2].decode().splitlines()
        self.assertEqual([line.replace("DescriptorType::", "") for line in lines],
                         ["Directory sub", "RegularFile note", "SymbolicLink link"])

    def test_a_folder_of_many_entries_is_listed_whole(self):
        for i in range(1000):
            (self.shared / "sub" / f"file-{i}").touch()
        self.assertEqual(len(self.mounted().get("/shared/sub")[2].splitlines()), 1000)

    def test_a_folder_is_read_as_far_as_its_names_can_be_told(self):
        with open(os.fsencode(self.shared / "sub") + b"/\xff", "w"):
            pass
        (self.shared / "sub/good").touch()
        self.refused(self.mounted(), "/shared/sub", b"IllegalByteSequence")

    def test_size_and_times_are_those_of_the_file(self):
        os.utime(self.shared / "note", (1, 1234567890))
        headers = self.mounted().request("HEAD", "/shared/note")[1]
        self.assertEqual((headers["x-size"], headers["x-modified"]), ("6", "1234567890"))

    def test_what_is_appended_comes_after_what_is_there(self):
        up = self.mounted()
        for text in (b" and more", b"", b" and " + b"x" * 200_000):
            self.assertEqual(up.request("POST", "/shared/note", body=text)[0], 204)
        self.assertEqual((self.shared / "note").read_bytes(), b"shared and more and " + b"x" * 200_000)
        self.refused(up, "/shared/none", b"NoEntry", "POST", b"x")

    def test_a_file_is_copied_cut_and_given_a_time_and_removed(self):
        (self.shared / "note").write_bytes(os.urandom(5_000_000))
        up = self.mounted()
        self.assertEqual(up.request("PATCH", "/shared/note")[0], 201)
        copy = self.shared / "note.copy"
        self.assertEqual(copy.read_bytes(), (self.shared / "note").read_bytes()[:3])
        self.assertEqual(copy.stat().st_mtime, 86400)
        self.refused(up, "/shared/note", b"Exist", "PATCH")
        self.assertEqual(up.request("DELETE", "/shared/note.copy")[0], 204)
        self.assertFalse(copy.exists())
        self.refused(up, "/shared/sub", b"IsDirectory", "DELETE")

    def test_a_large_file_goes_both_ways_in_constant_memory(self):
        up = self.mounted("--max-body-bytes", str(1 << 30))
        content = os.urandom(1 << 20)
        up.request("PUT", "/shared/small", body=content)
        up.get("/shared/small")
        before = up.resident_bytes()
        self.assertEqual(up.request("PUT", "/shared/large", body=content * 48)[0], 201)
        self.assertEqual((self.shared / "large").stat().st_size, 48 << 20)
        self.assertEqual(up.get("/shared/large")[2], content * 48)
        self.assertLess(up.resident_bytes() - before, 8 << 20)
