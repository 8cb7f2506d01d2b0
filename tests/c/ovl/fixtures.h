/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the C tests of libovl have in common: the test board, overlays written beside the test that applies them (compiled
 * by dtc), trees compared as blobs.
 */
#ifndef FIXTURES_H
#define FIXTURES_H

#include <errno.h>
#include <ovl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAP_EXPLAIN ovl_last_error
#include "tap.h"

struct blob {
	struct blob *next;
	size_t size;
	char data[];
};

/* Freed by nobody: they stay reachable until the program ends. */
static struct blob *blobs;

static inline struct blob *copy_blob(const void *data, size_t size)
{
	struct blob *blob = malloc(sizeof(*blob) + size);

	memcpy(blob->data, data, size);
	blob->size = size;
	blob->next = blobs;
	return blobs = blob;
}

static inline struct blob *read_all(FILE *file)
{
	static char room[1 << 20];
	size_t size = fread(room, 1, sizeof(room), file);

	return copy_blob(room, size);
}

/* A compiled file of tests/dts. */
static inline struct blob *load(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", DTS_DIR, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		tap_fail("%s: %s", path, strerror(errno));
	struct blob *blob = read_all(file);
	fclose(file);
	return blob;
}

/* What dtc makes of a source, also of one that it would warn of or refuse for its meaning. */
static inline struct blob *compile(const char *source, const char *options)
{
	char path[] = "/tmp/holdfast-XXXXXX", command[128];
	int fd = mkstemp(path);

	ok(fd >= 0 && write(fd, source, strlen(source)) == (ssize_t)strlen(source));
	close(fd);
	snprintf(command, sizeof(command), "dtc -f %s -I dts -O dtb %s 2>/dev/null", options, path);
	FILE *pipe = popen(command, "r");
	struct blob *blob = read_all(pipe);
	int status = pclose(pipe);
	unlink(path);
	if (status)
		tap_fail("dtc refuses: %s", source);
	return blob;
}

#define OVERLAY(source) compile("/dts-v1/; /plugin/; " source, "-@")
#define TREE(source) compile("/dts-v1/; " source, "")
/* An overlay as the blob has it, with its fragments and fix-ups written by hand. */
#define BY_HAND(source) TREE("/ { " source " };")

static inline ovl_tree *tree_of(const struct blob *blob)
{
	ovl_tree *tree = ovl_tree_from_fdt(blob->data, blob->size, 0);

	ok(tree);
	return tree;
}

static inline ovl_tree *board(void)
{
	return tree_of(load("board.dtb"));
}

static inline struct blob *flatten(ovl_tree *tree)
{
	void *fdt;
	size_t size;

	ok0(ovl_tree_to_fdt(tree, &fdt, &size));
	struct blob *blob = copy_blob(fdt, size);
	ovl_free(fdt);
	return blob;
}

/* Whether the tree is what it was, to the byte. If not, it says what is different. */
static inline int is_same(ovl_tree *tree, const struct blob *was)
{
	const struct blob *is = flatten(tree);
	char *text;

	if (is->size == was->size && !memcmp(is->data, was->data, is->size))
		return 1;
	ovl_tree *before = tree_of(was);
	ok(ovl_tree_diff(before, tree, 0, &text) >= 0);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
	ovl_free(text);
	ovl_tree_put(before);
	return 0;
}

#define ok_same(tree, before) ok(is_same(tree, before))

static inline int apply_with(ovl_tree *tree, const struct blob *overlay, uint32_t flags, const char *name, int *id)
{
	struct ovl_apply_options options = {.size = sizeof(options), .flags = flags, .name = name};

	return ovl_overlay_apply(tree, overlay->data, overlay->size, &options, id);
}

/* Applies what can be applied, and returns its id. */
static inline int apply(ovl_tree *tree, const struct blob *overlay)
{
	int id = 0;

	ok0(apply_with(tree, overlay, 0, NULL, &id));
	ok(id > 0);
	return id;
}

static inline ovl_node *at(ovl_tree *tree, const char *path)
{
	ovl_node *node = ovl_node_by_path(tree, path);

	if (!node)
		tap_fail("%s is not there", path);
	return node;
}

static inline int is_there(ovl_tree *tree, const char *path)
{
	ovl_node *node = ovl_node_by_path(tree, path);

	ovl_node_put(node);
	return node != NULL;
}

/* A cell of a node, or ~0 where there is none. */
static inline uint32_t cell(ovl_tree *tree, const char *path, const char *name)
{
	ovl_node *node = at(tree, path);
	uint32_t value = ~0u;

	if (ovl_node_read_u32(node, name, &value))
		value = ~0u;
	ovl_node_put(node);
	return value;
}

/* Nobody holds anything of the tree, and the caller's reference to it is the last. */
static inline void close_tree(ovl_tree *tree)
{
	char *held;

	ok(ovl_tree_holders(tree, &held) >= 0);
	ok_str(held, "");
	ovl_free(held);
	ovl_tree_put(tree);
}

#endif
