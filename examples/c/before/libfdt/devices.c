/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* devices BOARD.dtb: the devices that are switched on, where their registers are, and who takes their interrupts. */
#include "file.h"

#include <string.h>

static int is_available(const void *fdt, int node)
{
	int length;
	const char *status = fdt_getprop(fdt, node, "status", &length);

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

/* The node that takes the interrupts of this one: named here, or by the next one above that names one. */
static int interrupt_parent(const void *fdt, int node)
{
	for (; node >= 0; node = fdt_parent_offset(fdt, node)) {
		int length;
		const fdt32_t *cells = fdt_getprop(fdt, node, "interrupt-parent", &length);

		if (cells && length == 4)
			return fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(*cells));
	}
	return -FDT_ERR_NOTFOUND;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: devices BOARD.dtb\n"), 1;
	void *fdt = read_blob(argv[1], 0);

	for (int node = fdt_next_node(fdt, -1, NULL); node >= 0; node = fdt_next_node(fdt, node, NULL)) {
		int length;
		const char *compatible = fdt_stringlist_get(fdt, node, "compatible", 0, NULL);
		const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);
		char path[256];

		if (!compatible || !reg || length < 4 || !is_available(fdt, node))
			continue;
		if (fdt_get_path(fdt, node, path, sizeof(path)))
			return 1;
		printf("%s: %s at 0x%x", path, compatible, fdt32_to_cpu(*reg));
		if (fdt_getprop(fdt, node, "interrupts", NULL)) {
			int controller = interrupt_parent(fdt, node);

			if (controller >= 0 && !fdt_get_path(fdt, controller, path, sizeof(path)))
				printf(", interrupts to %s", path);
		}
		printf("\n");
	}
	free(fdt);
}
