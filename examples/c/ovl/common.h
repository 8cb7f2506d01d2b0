/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the examples share: files, overlays from them, walking over children, giving up with the library's sentence. */
#ifndef COMMON_H
#define COMMON_H

#include <errno.h>
#include <ovl.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, ovl_last_error());
	exit(1);
}

/* A whole file, to be freed, or NULL with errno. */
static inline void *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = NULL;
	size_t room = 0, got;

	*size = 0;
	while (file) {
		if (*size == room) {
			char *more = realloc(data, room = room ? 2 * room : 1 << 16);
			if (!more)
				break;
			data = more;
		}
		got = fread(data + *size, 1, room - *size, file);
		*size += got;
		if (!got && !ferror(file)) {
			fclose(file);
			return data;
		}
		if (!got)
			break;
	}
	int error = errno;
	if (file)
		fclose(file);
	free(data);
	errno = error;
	return NULL;
}

/* Applies an overlay from a file, its target paths beginning at a node, or at the root; its id, or a negative errno. */
static inline int apply_file_at(ovl_tree *tree, ovl_node *base, const char *path)
{
	/* Under this name it appears in messages. */
	struct ovl_apply_options options = {.size = sizeof(options), .base = base, .name = path};
	size_t size;
	void *blob = read_file(path, &size);
	int id;

	if (!blob) {
		perror(path);
		exit(1);
	}
	int result = ovl_overlay_apply(tree, blob, size, &options, &id);
	/* The library has copied the blob. */
	free(blob);
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
