#include "planner/emit.h"

#include "planner/json_writer.h"

static void put_target(struct json_writer *w, const struct lock *l) {
    json_open(w, "target", '{');
    json_text_if(w, "python", l->python);
    json_text_if(w, "implementation", l->implementation);
    json_text_if(w, "platform", l->platform);
    json_close(w, '}');
}

static void put_inputs(struct json_writer *w, const struct lock *l) {
    json_open(w, "inputs", '[');
    for (uint32_t i = 0; i < l->ninputs; i++) {
        json_open(w, NULL, '{');
        json_text(w, "path", l->inputs[i].path);
        json_text(w, "sha256", l->inputs[i].sha256);
        json_close(w, '}');
    }
    json_close(w, ']');
}

static void put_file(struct json_writer *w, const struct lock_file *f) {
    json_open(w, NULL, '{');
    json_text(w, "url", f->url);
    json_text(w, "sha256", f->sha256);
    if (f->size)
        json_number(w, "size", f->size);
    json_close(w, '}');
}

static void put_package(struct json_writer *w, const struct lock_package *p) {
    json_open(w, NULL, '{');
    json_text(w, "name", p->name);
    json_text(w, "version", p->version);
    json_true_if(w, "requested", p->requested);
    json_true_if(w, "direct", p->direct);
    if (p->nextras)
        json_texts(w, "extras", p->extras, p->nextras);
    json_text_if(w, "marker", p->marker);
    json_texts(w, "depends", p->depends, p->ndepends);
    json_open(w, "files", '[');
    for (uint32_t i = 0; i < p->nfiles; i++)
        put_file(w, &p->files[i]);
    json_close(w, ']');
    json_close(w, '}');
}

/* With the keys of env.lock(5): JSON is YAML, so what comes out is a lock as well. */
void emit_json(const struct lock *l, struct buf *out) {
    struct json_writer w = {.out = out};
    json_open(&w, NULL, '{');
    json_number(&w, "lock-version", LOCK_VERSION);
    put_target(&w, l);
    put_inputs(&w, l);
    json_texts(&w, "requires", l->requires, l->nrequires);
    json_texts(&w, "options", l->options, l->noptions);
    json_open(&w, "packages", '[');
    for (uint32_t i = 0; i < l->npackages; i++)
        put_package(&w, &l->packages[i]);
    json_close(&w, ']');
    json_close(&w, '}');
}
