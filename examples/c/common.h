/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the examples share: reading a file, and giving up with the library's sentence. */
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

/* An overlay from a file, applied to the tree; returns its id. */
static inline int apply_file(ovl_tree *tree, const char *path)
{
	static char blob[1 << 20];
	FILE *file = fopen(path, "rb");
	int id;

	if (!file) {
		perror(path);
		exit(1);
	}
	size_t size = fread(blob, 1, sizeof(blob), file);
	fclose(file);
	/* The library copies the blob; the buffer is free for the next one at once. */
	if (ovl_overlay_apply(tree, blob, size, NULL, &id) < 0)
		give_up(path);
	return id;
}

#endif
