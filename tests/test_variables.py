"""Variables and secrets: where values come from, what a component reads, and that no secret is said anywhere."""
import json
import pathlib

import weft

MANIFEST = """spin_manifest_version = 2
[application]
name = "variables"
[variables]
region = { default = "eu" }
user_name = { default = "nobody" }
host = { default = "api.example.com" }
token = { default = "none", secret = true }
[[trigger.http]]
route = "/..."
component = "it"
[component.it]
source = "it.wasm"
allowed_outbound_hosts = ["http://{{ host }}"]
[component.it.variables]
plain = "as it is"
where = "{{ region }}-{{user_name}}"
auth = "Bearer {{ token }}"
API_VERSION = "v1-{{ region }}"
"""


class Variables(weft.Case):
    def app(self, text=MANIFEST):
        self.manifest(text, it="variables-rust")
        return self.folder

    def up(self, *args, **more):
        up = weft.Up("-f", self.folder, *args, **{"cwd": self.folder, **more})
        self.addCleanup(up.__exit__)
        return up

    def value(self, up, name, path="/variables"):
        status, _, body = up.get(f"{path}?name={name}")
        return status, body.decode()


class Sources(Variables):
    def test_defaults_and_templates(self):
        self.app()
        up = self.up()
        self.assertEqual(self.value(up, "plain"), (200, "as it is"))
        self.assertEqual(self.value(up, "where"), (200, "eu-nobody"))

    def test_the_command_line_counts_before_the_configuration_before_the_environment_before_the_file(self):
        self.app()
        (self.folder / ".env").write_text("SPIN_VARIABLE_REGION=file\nSPIN_VARIABLE_USER_NAME='from file'\n")
        (self.folder / "conf.env").write_text("APP_TOKEN=t\n")
        (self.folder / "rc.toml").write_text('[[variables_provider]]\ntype = "static"\nvalues = { region = "static" }\n'
                                             '[[variables_provider]]\ntype = "env"\nprefix = "APP"\ndotenv_path = "conf.env"\n')
        up = self.up()
        self.assertEqual(self.value(up, "where"), (200, "file-from file"))
        self.assertEqual(self.value(up, "auth"), (200, "Bearer none"))
        up = self.up(env={"SPIN_VARIABLE_REGION": "env"})
        self.assertEqual(self.value(up, "where"), (200, "env-from file"))
        up = self.up("--runtime-config-file", "rc.toml", env={"SPIN_VARIABLE_REGION": "env", "APP_USER_NAME": "app"})
        self.assertEqual(self.value(up, "where"), (200, "static-app"))
        self.assertEqual(self.value(up, "auth"), (200, "Bearer t"))
        up = self.up("--variable", "region=line", "--variable", "user_name=me",
                     env={"RUNTIME_CONFIG_FILE": "rc.toml", "SPIN_VARIABLE_REGION": "env"})
        self.assertEqual(self.value(up, "where"), (200, "line-me"))

    def test_files_on_the_command_line_hold_one_value_or_many(self):
        self.app()
        (self.folder / "user").write_text("ada")
        (self.folder / "values.json").write_text(json.dumps({"region": "json"}))
        (self.folder / "values.toml").write_text('region = "toml"\n')
        up = self.up("--variable", "user_name=@user", "--variable", "@values.json")
        self.assertEqual(self.value(up, "where"), (200, "json-ada"))
        up = self.up("--variable", "@values.json", "--variable", "@values.toml")
        self.assertEqual(self.value(up, "where"), (200, "toml-nobody"))

    def test_a_variable_that_nobody_declared_is_a_warning(self):
        self.app()
        up = self.up("--variable", "regoin=us")
        up.wait_for_error("Warning: --variable regoin: the application declares no such variable")

    def test_upper_case_names_are_environment_variables_too(self):
        self.app()
        up = self.up("--variable", "region=us")
        self.assertEqual(self.value(up, "api_version"), (200, "v1-us"))
        self.assertEqual(up.get("/environment")[2], b"API_VERSION=v1-us\n")
        strict = weft.run("up", "-f", self.folder, "--strict")
        self.assertEqual(strict.returncode, 1)
        self.assertIn("component.it.variables.API_VERSION", strict.stderr)

    def test_allowed_hosts_take_the_values(self):
        self.app(MANIFEST.replace("http://{{ host }}", "http://{{ host }}:*"))
        with weft.Up(weft.guest("hello-rust")) as peer:
            up = self.up("--variable", "host=127.0.0.1")
            self.assertEqual(up.get(f"/fetch?authority=127.0.0.1:{peer.port}")[2], b"status 200")
            up = self.up()
            self.assertIn(b"HttpRequestDenied", up.get(f"/fetch?authority=127.0.0.1:{peer.port}")[2])
            up.wait_for_error('"http://{{ host }}:*"')


class Interfaces(Variables):
    def setUp(self):
        super().setUp()
        self.app()
        self.it = self.up("--variable", "token=t0ken")

    def test_each_interface_has_the_same_values(self):
        for path in ("/variables", "/spin1", "/config", "/rc1"):
            self.assertEqual(self.value(self.it, "auth", path), (200, "Bearer t0ken"), path)
        self.assertEqual(self.it.get("/config-all")[2].decode(),
                         "api_version=v1-eu\nauth=Bearer t0ken\nplain=as it is\nwhere=eu-nobody\n")

    def test_each_has_its_own_words_for_a_name_without_value_and_for_what_is_no_name(self):
        for path, absent, invalid in (("/variables", "Error::Undefined", "Error::InvalidName"),
                                      ("/spin1", "Error::Provider", "Error::InvalidKey"), ("/config", "none", "none"),
                                      ("/rc1", "none", "none")):
            # An application's variable is not the component's.
            for name in ("absent", "region"):
                status, text = self.value(self.it, name, path)
                self.assertEqual((status, text.split("(")[0]), (404, absent))
            for name in ("", "Plain", "a__b", "a-b", "1a"):
                status, text = self.value(self.it, name, path)
                self.assertEqual((status, text.split("(")[0]), (404, invalid))

    def test_a_component_without_variables_has_none(self):
        self.app(MANIFEST.split("[component.it.variables]")[0])
        up = self.up()
        self.assertIn("Undefined", self.value(up, "plain")[1])
        self.assertEqual(up.get("/config-all")[::2], (200, b""))


SECRETS = MANIFEST + """
[component.it.secrets]
DATABASE_URL = { source = "spin-application", key = "database-url" }
dev_key = { source = "env", key = "DEV_KEY" }
"""


class Secrets(Variables):
    def setUp(self):
        super().setUp()
        self.app(SECRETS)
        self.key = self.folder / "config/secrets.key"
        self.environment = {"WEFT_SECRETS_KEY": str(self.key), "DEV_KEY": "s3cret-dev"}

    def secret(self, *args, input=None):
        return weft.run("secret", *args, env=self.environment, cwd=self.folder, input=input)

    def test_what_lacks_a_value_is_in_one_list_before_anything_is_served(self):
        self.app(SECRETS.replace('{ default = "eu" }', "{ required = true }")
                 .replace('{ default = "none", secret = true }', "{ required = true, secret = true }"))
        done = weft.run("up", "-f", self.folder, cwd=self.folder, env={"WEFT_SECRETS_KEY": str(self.key)})
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Serving", done.stdout)
        for part in ("spin.toml:5", "variables.region", "--variable region=...", "spin.toml:8", "variables.token",
                     "SPIN_VARIABLE_TOKEN", "component.it.secrets.database_url", "weft secret set database-url",
                     "component.it.secrets.dev_key", "set DEV_KEY in the environment"):
            self.assertIn(part, done.stderr)

    def test_secrets_are_set_listed_read_and_deleted(self):
        done = self.secret("set", "database-url", input="s3cret-url\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "Set database-url\n", ""))
        (self.folder / "key.pem").write_text("line one\nline two\n")
        self.assertEqual(self.secret("set", "other_key", "--from-file", "key.pem").returncode, 0)
        self.assertEqual(self.secret("list").stdout, "database-url\nother_key\n")
        up = self.up(env=self.environment)
        for path in ("/variables", "/config"):
            self.assertEqual(self.value(up, "database_url", path), (200, "s3cret-url"))
        self.assertEqual(self.value(up, "dev_key"), (200, "s3cret-dev"))
        self.assertNotIn(b"s3cret", up.get("/environment")[2], "a secret is never an environment variable")
        self.assertEqual(self.secret("delete", "database-url").returncode, 0)
        self.assertEqual(self.secret("delete", "database-url").returncode, 1)
        self.assertEqual(self.secret("list").stdout, "other_key\n")

    def test_the_store_is_of_no_use_without_the_key(self):
        self.secret("set", "database-url", input="s3cret-url")
        store = self.folder / ".spin/secrets.weft"
        self.assertNotIn(b"s3cret", store.read_bytes())
        for path in (store, self.key):
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.key.rename(self.folder / "elsewhere")
        for done in (self.secret("list"), self.secret("set", "a", input="s3cret-a"),
                     weft.run("up", "-f", self.folder, env=self.environment)):
            self.assertEqual(done.returncode, 1)
            self.assertIn("secrets.key", done.stderr)

    def test_a_folder_without_an_application_has_no_secrets(self):
        (self.folder / "empty").mkdir()
        done = self.secret("set", "a", "-f", "empty", input="x")
        self.assertEqual(done.returncode, 1)
        self.assertIn("empty/spin.toml", done.stderr)
        self.assertFalse((self.folder / "empty/.spin").exists())

    def test_no_secret_is_ever_said(self):
        said = []

        def note(done):
            self.assertNotEqual(done.returncode, 0, done)
            said.append(done.stdout + done.stderr)

        secret = "s3cret"
        self.secret("set", "database-url", input=f"{secret}-url")
        environment = {**self.environment, "SPIN_VARIABLE_TOKEN": f"{secret}-token"}
        up = self.up("-v", "--variable", f"user_name={secret}-user", env=environment)
        for path in ("/variables?name=where", "/variables?name=auth", "/variables?name=database_url", "/variables?name=no",
                     "/variables?name=NO", "/config-all", "/fetch?authority=denied.example", "/none"):
            up.get(path)
        up.__exit__()
        said.append("".join(up.lines) + up.error_text())

        # A secret where something is expected that it is not.
        self.app(SECRETS.replace("http://{{ host }}", "http://{{ token }}"))
        for token in (f"{secret}/{secret}", f"{secret}:{secret}", f"{secret} {secret}"):
            note(weft.run("up", "-f", self.folder, cwd=self.folder, env={**environment, "SPIN_VARIABLE_TOKEN": token}))
        self.app(SECRETS.replace("http://{{ host }}", "http://{{ token }}").replace('"none", secret', f'"{secret}/x", secret'))
        note(weft.run("up", "-f", self.folder, cwd=self.folder, env=environment))
        # The line of a secret variable that is written wrongly.
        self.app(SECRETS.replace('"none", secret = true', f'"{secret}", required = true, secret = true'))
        note(weft.run("up", "-f", self.folder, cwd=self.folder, env=environment))
        self.app(SECRETS.replace('{ source = "spin-application", key = "database-url" }', f'"{secret}"'))
        note(weft.run("up", "-f", self.folder, cwd=self.folder, env=environment))
        # Sources that are malformed.
        self.app(SECRETS)
        for name, text in (("a.json", f'{{"token": "{secret}'), ("b.json", f'["{secret}"]'), ("c.toml", f'token = "{secret}'),
                           ("d.toml", f'token = ["{secret}"]')):
            (self.folder / name).write_text(text)
            note(weft.run("up", "-f", self.folder, "--variable", f"@{name}", cwd=self.folder, env=environment))
        note(weft.run("up", "-f", self.folder, "--variable", secret, cwd=self.folder, env=environment))
        for text in (f'[[variables_provider]]\ntype = "static"\nvalues = {{ token = "{secret}"',
                     f'[[variables_provider]]\ntype = "static"\nvalues = {{ Token = "{secret}" }}'):
            (self.folder / "rc.toml").write_text(text)
            note(weft.run("up", "-f", self.folder, "--runtime-config-file", "rc.toml", cwd=self.folder, env=environment))
        (self.folder / ".env").write_text(f"SPIN_VARIABLE_TOKEN='{secret}\n")
        note(weft.run("up", "-f", self.folder, cwd=self.folder, env=environment))
        (self.folder / ".env").unlink()
        for value in (f"{secret}\0".encode(), b"s3cret\xff", secret.encode() * 20_000):
            (self.folder / "value").write_bytes(value)
            note(self.secret("set", "other", "--from-file", "value"))
        note(weft.run("up", "-f", self.folder, cwd=self.folder,
                      env={**environment, "SPIN_VARIABLE_TOKEN": "s3cret\udcff"}))
        for text in said:
            self.assertNotIn(secret, text)
        for file in pathlib.Path(self.folder, ".spin").rglob("*"):
            if file.is_file():
                self.assertNotIn(secret.encode(), file.read_bytes(), file)


class Asynchronous(Variables):
    """spin:variables@3.0.0, with version 7 of Spin's SDK."""

    def test_it_has_the_same_values_and_the_same_errors(self):
        self.manifest(SECRETS, it="spin-p3-rust")
        environment = {"WEFT_SECRETS_KEY": str(self.folder / "secrets.key"), "DEV_KEY": "s3cret-dev", "SPIN_VARIABLE_TOKEN": "t0ken"}
        done = weft.run("secret", "set", "database-url", env=environment, cwd=self.folder, input="s3cret-url")
        self.assertEqual(done.returncode, 0, done.stderr)
        up = self.up("--variable", "region=us", env=environment)
        for name, value in (("plain", "as it is"), ("where", "us-nobody"), ("auth", "Bearer t0ken"), ("api_version", "v1-us"),
                            ("database_url", "s3cret-url"), ("dev_key", "s3cret-dev")):
            self.assertEqual(self.value(up, name, "/variables3"), (200, value))
        for name, error in (("absent", "Error::Undefined"), ("region", "Error::Undefined"), ("", "Error::InvalidName"),
                            ("Plain", "Error::InvalidName"), ("a__b", "Error::InvalidName")):
            status, text = self.value(up, name, "/variables3")
            self.assertEqual((status, text.split("(")[0]), (404, error))


class Refused(Variables):
    def test_other_providers_and_other_configuration_are_refused_by_name(self):
        self.app()
        (self.folder / "rc.toml").write_text('log_dir = "x"\n[[variables_provider]]\ntype = "vault"\nurl = "u"\n'
                                             'token = "s3cret"\nmount = "m"\n[[config_provider]]\ntype = "azure_key_vault"\n')
        done = weft.run("up", "-f", self.folder, "--runtime-config-file", "rc.toml", cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        for part in ("rc.toml:1: log_dir (not yet)", "rc.toml:2: variables from vault (not yet)",
                     "rc.toml:7: variables from azure_key_vault (not yet)"):
            self.assertIn(part, done.stderr)
        self.assertNotIn("s3cret", done.stderr)
        names = {entry["name"] for entry in json.loads(weft.run("gaps", "--json").stdout)["features"]}
        self.assertLessEqual({"variables-providers", "runtime-config"}, names)
