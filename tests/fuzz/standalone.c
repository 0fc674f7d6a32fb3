/* Runs a fuzz target once over each file, or each file of each folder, that is named: for builds without
 * libFuzzer. */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

static int run_file(const char *path) {
    struct err e;
    struct buf bytes = {0};
    if (file_read(path, &bytes, &e) < 0) {
        fprintf(stderr, "%s\n", e.text);
        return -1;
    }
    uint8_t *exact = mem_alloc(bytes.n); /* so that the sanitizer sees a byte read beyond the end */
    if (bytes.n)
        memcpy(exact, bytes.p, bytes.n);
    LLVMFuzzerTestOneInput(exact, bytes.n);
    free(exact);
    buf_free(&bytes);
    return 1;
}

/* How many files were run, -1 if one could not be read. */
static int run_folder(const char *path) {
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), ran = 0;
    for (int i = 0; i < n; i++) {
        struct arena a = {0};
        if (names[i]->d_name[0] != '.' && ran >= 0)
            ran = run_file(path_join(&a, path, names[i]->d_name)) < 0 ? -1 : ran + 1;
        arena_free(&a);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return n < 0 ? -1 : ran;
}

int main(int argc, char **argv) {
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int ran = file_is_dir(argv[i]) ? run_folder(argv[i]) : run_file(argv[i]);
        if (ran <= 0) {
            fprintf(stderr, "%s: nothing that could be run\n", argv[i]);
            return 1;
        }
        total += ran;
    }
    printf("%d files run\n", total);
    return total ? 0 : 1;
}
