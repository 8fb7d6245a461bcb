// A command of WASI preview 1 in C, and no component. What it does is its first argument:
//
//     args ...       its arguments, one in a line, the name of the program first
//     env            its environment, in order
//     cat            standard input to standard output
//     list FOLDER    the names in a folder, without `.` and `..`, in any order
//     put FILE TEXT  writes a file
//     get FILE       and reads one
//     wait MS        polls standard input for so long: "ready" or "timeout"
//     exit CODE, abort, loop
//
// With GATEWAY_INTERFACE in its environment it is a CGI program instead: it answers its arguments, what of its
// environment the query asks for, and its standard input.
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

static int copy(FILE *from) {
  char buffer[4096];
  size_t got;
  while ((got = fread(buffer, 1, sizeof buffer, from)) > 0) fwrite(buffer, 1, got, stdout);
  return ferror(from) ? fail("read") : 0;
}

static int list(const char *folder) {
  DIR *open = opendir(folder);
  if (!open) return fail(folder);
  for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) puts(entry->d_name);
  }
  closedir(open);
  return 0;
}

static int cgi(int argc, char **argv) {
  const char *path = getenv("PATH_INFO");
  if (strcmp(path, "/silent") == 0) return 0;
  if (strcmp(path, "/exit") == 0) {
    printf("Content-Type: text/plain\n\nlate");
    fflush(stdout);
    exit(3);
  }
  if (strcmp(path, "/trap") == 0) abort();
  if (strcmp(path, "/flood") == 0) {
    for (;;) puts("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  }
  if (strcmp(path, "/teapot") == 0) {
    printf("Status: 418 I'm a teapot\nX-Pot: short\n\n");
    return 0;
  }
  if (strcmp(path, "/there") == 0) {
    printf("Location: /elsewhere\n\n");
    return 0;
  }
  printf("Content-Type: text/plain\n\n");
  for (int i = 0; i < argc; ++i) printf("arg %s\n", argv[i]);
  for (char **variable = environ; *variable; ++variable) printf("%s\n", *variable);
  printf("body ");
  fflush(stdout);
  return copy(stdin);
}

int main(int argc, char **argv) {
  if (getenv("GATEWAY_INTERFACE")) return cgi(argc, argv);
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "args") == 0) {
    for (int i = 0; i < argc; ++i) puts(argv[i]);
    return 0;
  }
  if (strcmp(what, "env") == 0) {
    for (char **variable = environ; *variable; ++variable) puts(*variable);
    return 0;
  }
  if (strcmp(what, "cat") == 0) return copy(stdin);
  if (strcmp(what, "list") == 0 && argc > 2) return list(argv[2]);
  if (strcmp(what, "put") == 0 && argc > 3) {
    FILE *file = fopen(argv[2], "w");
    if (!file || fputs(argv[3], file) < 0 || fclose(file) != 0) return fail(argv[2]);
    return 0;
  }
  if (strcmp(what, "get") == 0 && argc > 2) {
    FILE *file = fopen(argv[2], "r");
    return file ? copy(file) : fail(argv[2]);
  }
  if (strcmp(what, "wait") == 0 && argc > 2) {
    struct pollfd input = {.fd = 0, .events = POLLIN, .revents = 0};
    puts(poll(&input, 1, atoi(argv[2])) > 0 ? "ready" : "timeout");
    return 0;
  }
  if (strcmp(what, "exit") == 0 && argc > 2) exit(atoi(argv[2]));
  if (strcmp(what, "abort") == 0) abort();
  if (strcmp(what, "loop") == 0) {
    for (volatile int i = 0;;) i = i + 1;
  }
  fprintf(stderr, "nothing to do\n");
  return 2;
}
