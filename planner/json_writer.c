#include "planner/json_writer.h"

#include "base/json.h"

static void new_line(struct json_writer *w) {
    buf_fmt(w->out, "\n%*s", 2 * w->depth, "");
}

static void begin(struct json_writer *w, const char *key) {
    if (w->filled)
        buf_char(w->out, ',');
    if (w->depth)
        new_line(w);
    if (key) {
        json_quote(w->out, str_of(key));
        buf_c(w->out, ": ");
    }
    w->filled = true;
}

void json_open(struct json_writer *w, const char *key, char bracket) {
    begin(w, key);
    buf_char(w->out, bracket);
    w->depth++;
    w->filled = false;
}

void json_close(struct json_writer *w, char bracket) {
    w->depth--;
    if (w->filled)
        new_line(w);
    buf_char(w->out, bracket);
    w->filled = true;
    if (!w->depth)
        buf_char(w->out, '\n');
}

void json_text(struct json_writer *w, const char *key, struct str value) {
    begin(w, key);
    json_quote(w->out, value);
}

void json_text_if(struct json_writer *w, const char *key, struct str value) {
    if (value.n)
        json_text(w, key, value);
}

void json_number(struct json_writer *w, const char *key, uint64_t value) {
    begin(w, key);
    buf_fmt(w->out, "%llu", (unsigned long long)value);
}

void json_true_if(struct json_writer *w, const char *key, bool value) {
    if (!value)
        return;
    begin(w, key);
    buf_c(w->out, "true");
}

void json_texts(struct json_writer *w, const char *key, const struct str *p, uint32_t n) {
    begin(w, key);
    buf_char(w->out, '[');
    for (uint32_t i = 0; i < n; i++) {
        buf_c(w->out, i ? ", " : "");
        json_quote(w->out, p[i]);
    }
    buf_char(w->out, ']');
}
