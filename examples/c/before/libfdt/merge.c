/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* merge OUT.dtb BASE.dtb OVERLAY.dtbo…: applies overlays, and keeps the base where one of them does not fit. */
#include "file.h"

#include <string.h>

int main(int argc, char **argv)
{
	if (argc < 4)
		return fprintf(stderr, "usage: merge OUT.dtb BASE.dtb OVERLAY.dtbo…\n"), 1;
	void *base = read_blob(argv[2], 0);
	size_t size = fdt_totalsize(base);

	for (int i = 3; i < argc; i++) {
		void *overlay = read_blob(argv[i], 0);
		/* A failure damages both blobs, so that it is tried on copies; and nobody knows how much room it takes. */
		size += 2 * fdt_totalsize(overlay) + 4096;
		void *merged = malloc(size);
		int error = merged ? fdt_open_into(base, merged, size) : -FDT_ERR_NOSPACE;
		if (!error)
			error = fdt_overlay_apply(merged, overlay);
		if (error)
			give_up(argv[i], error);
		free(overlay);
		free(base);
		base = merged;
	}
	write_blob(argv[1], base);
}
