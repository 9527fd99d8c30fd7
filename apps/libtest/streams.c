// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES 1000

static bool lines_write(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file, "%d %s %.3f %c %x %lld %zu\n", 42, "word", 3.14159, 'c', 255, 1234567890123ll, (size_t)7);
    for (int number = 0; number < LINES; number++)
        fprintf(file, "line %d\n", number);
    return fclose(file) == 0;
}

static void check_scanning(FILE *file) {
    int number, count = 0;
    unsigned hexadecimal;
    long long large;
    size_t size;
    float real;
    char word[20], letter, line[100];
    int found = fscanf(file, "%d %19s %f %c %x %lld %zu\n", &number, word, &real, &letter, &hexadecimal, &large, &size);
    check(found == 7 && number == 42 && strcmp(word, "word") == 0 && real > 3.1419 && real < 3.1421, "fscanf");
    check(letter == 'c' && hexadecimal == 255 && large == 1234567890123ll && size == 7, "fscanf of all widths");
    while (fgets(line, sizeof line, file))
        count++;
    check(count == LINES && feof(file) && !ferror(file), "fgets to the end");
}

static void check_slots(FILE *file) {
    char line[100];
    fpos_t position;
    rewind(file);
    check(ftell(file) == 0 && !feof(file), "rewind");
    check(fseek(file, -4, SEEK_END) == 0 && fgets(line, sizeof line, file) && strcmp(line, "999\n") == 0, "fseek");
    check(ungetc('q', file) == 'q' && getc(file) == 'q', "ungetc");
    check(fseek(file, 3, SEEK_SET) == 0 && fgetpos(file, &position) == 0, "fgetpos");
    check(fseek(file, 0, SEEK_SET) == 0 && fsetpos(file, &position) == 0 && getc(file) == 'w', "fsetpos");
}

static bool open_fails(const char *path, const char *mode, int error) {
    errno = 0;
    FILE *file = fopen(path, mode);
    if (file)
        fclose(file);
    return !file && errno == error;
}

static void check_modes(void) {
    char line[100];
    FILE *file = fopen("lines", "r+");
    check(file && fseek(file, 3, SEEK_SET) == 0 && fputs("WORD", file) >= 0, "r+ writes");
    check(fseek(file, 0, SEEK_SET) == 0 && fgets(line, sizeof line, file) && strncmp(line, "42 WORD", 7) == 0,
          "and reads");
    fclose(file);
    file = fopen("lines", "a+");
    check(file && fputs("end\n", file) >= 0 && fseek(file, -4, SEEK_CUR) == 0, "a+ writes at the end");
    check(fgets(line, sizeof line, file) && strcmp(line, "end\n") == 0, "and reads");
    fclose(file);
    check(open_fails("nosuch/file", "r", ENOENT), "fopen: there is none");
    check(open_fails(FOLDER, "w", EISDIR), "fopen: a directory");
}

static void check_buffers(void) {
    static char buffer[512];
    struct stat status;
    FILE *file = fopen("buffered", "w");
    check(setvbuf(file, buffer, _IOFBF, sizeof buffer) == 0, "setvbuf");
    fputs("0123456789", file);
    check(stat("buffered", &status) == 0 && status.st_size == 0, "what is buffered is not in the file");
    check(fflush(file) == 0 && stat("buffered", &status) == 0 && status.st_size == 10, "fflush");
    fclose(file);
    file = fopen("buffered", "w");
    setvbuf(file, NULL, _IONBF, 0);
    fputs("unbuffered", file);
    check(stat("buffered", &status) == 0 && status.st_size == 10, "no buffer");
    fclose(file);
    check(remove("buffered") == 0, "remove a file");
}

static void check_temporary(void) {
    char line[100] = "", name[] = FOLDER "/nameXXXXXX";
    FILE *file = tmpfile();
    check(file && fputs("for a time", file) >= 0, "tmpfile");
    rewind(file);
    check(fgets(line, sizeof line, file) && strcmp(line, "for a time") == 0, "reads what it was written");
    fclose(file);
    int descriptor = mkstemp(name);
    check(descriptor > 2 && write(descriptor, "hi", 2) == 2 && lseek(descriptor, 0, SEEK_SET) == 0, "mkstemp");
    check(read(descriptor, line, sizeof line) == 2 && memcmp(line, "hi", 2) == 0, "read");
    check(pwrite(descriptor, "o", 1, 1) == 1 && pread(descriptor, line, 2, 0) == 2 && line[1] == 'o', "pread, pwrite");
    file = fdopen(descriptor, "w+");
    check(file && fputs("all", file) >= 0 && fclose(file) == 0 && unlink(name) == 0, "fdopen");
}

static void check_lines(void) {
    char *line = NULL;
    size_t room = 0, total = 0;
    FILE *file = fopen("lines", "r");
    for (ssize_t length; (length = getline(&line, &room, file)) > 0;)
        total += (size_t)length;
    check(total == (size_t)ftell(file) && feof(file), "getline to the end");
    rewind(file);
    check(getdelim(&line, &room, 'R', file) == 6 && strcmp(line, "42 WOR") == 0, "getdelim");
    free(line);
    fclose(file);
}

void check_streams(void) {
    check(lines_write("lines"), "fprintf");
    FILE *file = fopen("lines", "r");
    check_scanning(file);
    check_slots(file);
    fclose(file);
    check_modes();
    check_lines();
    check_buffers();
    check_temporary();
    check(rename("lines", "renamed") == 0 && remove("renamed") == 0, "rename");
}
