/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the examples share: overlays from files, walking over children, giving up with the library's sentence. */
#ifndef COMMON_H
#define COMMON_H

#include <ovl.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, ovl_last_error());
	exit(1);
}

/* Applies an overlay from a file, its target paths beginning at a node, or at the root; its id, or a negative errno. */
static inline int apply_file_at(ovl_tree *tree, ovl_node *base, const char *path)
{
	static char blob[1 << 20];
	/* Under this name it appears in messages. */
	struct ovl_apply_options options = {.size = sizeof(options), .base = base, .name = path};
	FILE *file = fopen(path, "rb");
	int id;

	if (!file) {
		perror(path);
		exit(1);
	}
	size_t size = fread(blob, 1, sizeof(blob), file);
	fclose(file);
	/* The library copies the blob; the buffer is free for the next one at once. */
	int result = ovl_overlay_apply(tree, blob, size, &options, &id);
	return result < 0 ? result : id;
}

static inline int apply_file(ovl_tree *tree, const char *path)
{
	return apply_file_at(tree, NULL, path);
}

/* One step over the children of a node: the next sibling, with the reference to this one dropped. */
static inline ovl_node *next_child(ovl_node *child)
{
	ovl_node *next = ovl_node_next_sibling(child);

	ovl_node_put(child);
	return next;
}

#endif
