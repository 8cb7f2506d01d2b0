/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Files as libfdt's programs need them: a blob with room to grow, since everything is done inside of it. */
#ifndef FILE_H
#define FILE_H

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>

static inline _Noreturn void give_up(const char *what, int error)
{
	fprintf(stderr, "%s: %s\n", what, fdt_strerror(error));
	exit(1);
}

/* A checked blob in a buffer with so many bytes to spare. */
static inline void *read_blob(const char *path, size_t spare)
{
	FILE *file = fopen(path, "rb");

	if (!file || fseek(file, 0, SEEK_END)) {
		perror(path);
		exit(1);
	}
	size_t size = ftell(file);
	char *blob = malloc(size + spare);
	rewind(file);
	if (!blob || fread(blob, 1, size, file) != size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	int error = fdt_check_full(blob, size);
	if (!error && spare)
		error = fdt_open_into(blob, blob, size + spare);
	if (error)
		give_up(path, error);
	return blob;
}

static inline void write_blob(const char *path, void *blob)
{
	fdt_pack(blob);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(blob, 1, fdt_totalsize(blob), file) != fdt_totalsize(blob) || fclose(file)) {
		perror(path);
		exit(1);
	}
	free(blob);
}

#endif
