// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the programs have in common that compare libovl with somebody else's results (tests/corpus, tests/vectors).

#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovl.h"

// The first thing that is not as it should be.
static char failure[1024];

// Always false, so that a check reads `condition || fail(…)`.
__attribute__((format(printf, 1, 2))) static bool fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(failure, sizeof failure, format, args);
    va_end(args);
    return false;
}

// For what is wrong with the test and not with libovl.
static void die(const char *what)
{
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(2);
}

struct blob {
    void *data;
    size_t size;
};

// The whole file, with a NUL behind it; free() it. A missing file is fatal: a test without its files shows nothing.
static struct blob read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        die(path);
    struct blob blob = { .size = (size_t)ftell(file) };
    rewind(file);
    blob.data = malloc(blob.size + 1);
    if (!blob.data || fread(blob.data, 1, blob.size, file) != blob.size)
        die(path);
    fclose(file);
    ((char *)blob.data)[blob.size] = '\0';
    return blob;
}

// The tree as a blob; ovl_free() it.
static inline struct blob flatten(ovl_tree *tree)
{
    struct blob blob;
    if (ovl_tree_to_fdt(tree, &blob.data, &blob.size))
        die(ovl_last_error());
    return blob;
}

static inline bool same_blob(const struct blob *a, const struct blob *b)
{
    return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

struct count {
    unsigned nodes, props;
};

// Adds what is in and below a node; a property called `skip` does not count.
static void count_below(ovl_node *node, const char *skip, struct count *count)
{
    count->nodes++;
    for (ovl_prop *prop = ovl_node_next_prop(node, NULL); prop; prop = ovl_node_next_prop(node, prop))
        count->props += strcmp(ovl_prop_name(prop), skip) != 0;
    for (ovl_node *child = ovl_node_first_child(node); child;) {
        count_below(child, skip, count);
        ovl_node *next = ovl_node_next_sibling(child);
        ovl_node_put(child);
        child = next;
    }
}

static inline struct count count_tree(ovl_tree *tree, const char *skip)
{
    struct count count = { 0, 0 };
    ovl_node *root = ovl_tree_root(tree);
    count_below(root, skip, &count);
    ovl_node_put(root);
    return count;
}

#endif
