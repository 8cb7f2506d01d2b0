/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* fixup IN.dtb OUT.dtb BYTES: what a boot loader tells its kernel: the memory that is there, its arguments. */
#include "file.h"

#include <string.h>

static void must(const char *what, int error)
{
	if (error < 0)
		give_up(what, error);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return fprintf(stderr, "usage: fixup IN.dtb OUT.dtb BYTES\n"), 1;
	void *fdt = read_blob(argv[1], 4096);

	int memory = fdt_path_offset(fdt, "/memory");
	must("/memory", memory);
	const fdt32_t *reg = fdt_getprop(fdt, memory, "reg", NULL);
	if (!reg)
		give_up("/memory: reg", -FDT_ERR_NOTFOUND);
	fdt32_t there[2] = {reg[0], cpu_to_fdt32(strtoul(argv[3], NULL, 0))};
	must("/memory", fdt_setprop(fdt, memory, "reg", there, sizeof(there)));

	/* Each change moves what comes behind it: offsets are looked up again. */
	int chosen = fdt_path_offset(fdt, "/chosen");
	must("/chosen", chosen);
	must("bootargs", fdt_setprop_string(fdt, chosen, "bootargs", "console=ttyS0 root=/dev/ram0"));
	must("initrd", fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0x82000000));
	must("initrd", fdt_setprop_u64(fdt, chosen, "linux,initrd-end", 0x82400000));
	int firmware = fdt_add_subnode(fdt, chosen, "firmware");
	must("firmware", firmware);
	must("firmware", fdt_setprop_string(fdt, firmware, "version", "2.1"));

	int leds = fdt_path_offset(fdt, "/leds");
	if (leds >= 0)
		must("/leds", fdt_del_node(fdt, leds));
	write_blob(argv[2], fdt);
}
