/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * loader [OPTION…] BASE.dtb OUT.dtb: how a virtual machine monitor describes a guest.
 *
 *     -m MIB       so much memory, 64 unless given
 *     -a TEXT      the kernel's command line
 *     -i FILE      an initial RAM disk
 *     -v COUNT     so many virtio-mmio devices, 1 unless given
 *     -d OVERLAY   a device of the host that is passed through: what the overlay has the label "device" for
 *     -r KIB       so much memory is reserved for the monitor
 *     -b BYTES     the room for the devicetree in the guest's memory, 65536 unless given
 *
 * BASE has what all guests have. A device that is passed through comes as a template, disabled. Then one changeset makes the guest: what is
 * known only now, and the device switched on, all or nothing. The tree is flattened to the place in the guest's memory that is for
 * it, and put back to what it was, for the next guest. OUT is what the guest sees there.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common.h"

/* The guest's physical addresses and interrupts. */
#define RAM 0x40000000ull
#define VIRTIO 0xa000000ull
#define VIRTIO_SIZE 0x200ull
#define DEVICE 0xc000000ull
#define DEVICE_SIZE 0x10000ull
enum { VIRTIO_INTERRUPT = 16, DEVICE_INTERRUPT = 48, EDGE = 1, LEVEL = 4, PAGE = 4096 };
enum { MAX_VIRTIO = 32, MAX_MIB = 1 << 20, MAX_ROOM = 1 << 21 };

struct guest {
	const char *bootargs, *initrd, *overlay;
	unsigned long ram_size, virtio, reserved, room;
	char *ram;    /* as the monitor has it */
	uint64_t end; /* of the memory that is not given away yet */
	uint64_t initrd_start, initrd_end, reserved_start, tree_start;
	ovl_changeset *changes;
};

static void must(int result, const char *what)
{
	if (result < 0)
		give_up(what);
}

static _Noreturn void too_much(const char *what, uint64_t size, uint64_t room)
{
	fprintf(stderr, "%s: %llu, and there is room for %llu\n", what, (unsigned long long)size, (unsigned long long)room);
	exit(1);
}

/* So many bytes of the guest's memory, from its end on down. */
static uint64_t give(struct guest *guest, const char *what, uint64_t size)
{
	uint64_t pages = (size + PAGE - 1) / PAGE * PAGE;

	if (pages > guest->end - RAM)
		too_much(what, size, guest->end - RAM);
	return guest->end -= pages;
}

static void lay_out(struct guest *guest)
{
	size_t size;

	guest->ram = mmap(NULL, guest->ram_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guest->ram == MAP_FAILED) {
		perror("the guest's memory");
		exit(1);
	}
	guest->end = RAM + guest->ram_size;
	guest->tree_start = give(guest, "the room for the devicetree", guest->room);
	guest->reserved_start = give(guest, "the reserved memory", guest->reserved);
	if (!guest->initrd)
		return;
	void *file = read_file(guest->initrd, &size);
	if (!file) {
		perror(guest->initrd);
		exit(1);
	}
	guest->initrd_start = give(guest, guest->initrd, size);
	guest->initrd_end = guest->initrd_start + size;
	memcpy(guest->ram + (guest->initrd_start - RAM), file, size);
	free(file);
}

/* A property of an address and a size, two cells each. */
static void set_reg(ovl_changeset *changes, ovl_node *node, uint64_t address, uint64_t size)
{
	uint32_t cells[] = {address >> 32, address, size >> 32, size};

	must(ovl_changeset_set_u32_array(changes, node, "reg", cells, 4), "reg");
}

/* A shared interrupt, as the guest's interrupt controller counts them. */
static void set_interrupt(ovl_changeset *changes, ovl_node *node, uint32_t number, uint32_t type)
{
	must(ovl_changeset_set_u32_array(changes, node, "interrupts", (uint32_t[]){0, number, type}, 3), "interrupts");
}

/* A new node with an address. */
static ovl_node *make(ovl_changeset *changes, ovl_node *parent, const char *name, uint64_t address, uint64_t size)
{
	ovl_node *node;
	char full[64];

	snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)address);
	must(ovl_changeset_create_node(changes, parent, full, &node), full);
	set_reg(changes, node, address, size);
	return node;
}

/* What has no address; it may be there already. */
static ovl_node *find_or_make(ovl_changeset *changes, ovl_node *parent, const char *name)
{
	ovl_node *node = ovl_node_child(parent, name);

	if (!node)
		must(ovl_changeset_create_node(changes, parent, name, &node), name);
	return node;
}

static void describe(const struct guest *guest, ovl_tree *tree)
{
	ovl_changeset *changes = guest->changes;
	ovl_node *root = ovl_tree_root(tree), *node;
	uint32_t address = 0, size = 0;

	ovl_node_read_u32(root, "#address-cells", &address);
	ovl_node_read_u32(root, "#size-cells", &size);
	if (address != 2 || size != 2) {
		fprintf(stderr, "the base has %u and %u cells for addresses and sizes, not 2 and 2\n", address, size);
		exit(1);
	}
	node = make(changes, root, "memory", RAM, guest->ram_size);
	must(ovl_changeset_set_string(changes, node, "device_type", "memory"), "memory");
	ovl_node_put(node);

	node = find_or_make(changes, root, "chosen");
	if (guest->bootargs)
		must(ovl_changeset_set_string(changes, node, "bootargs", guest->bootargs), "bootargs");
	if (guest->initrd) {
		must(ovl_changeset_set_u64(changes, node, "linux,initrd-start", guest->initrd_start), guest->initrd);
		must(ovl_changeset_set_u64(changes, node, "linux,initrd-end", guest->initrd_end), guest->initrd);
	}
	ovl_node_put(node);

	if (guest->reserved) {
		ovl_node *all = find_or_make(changes, root, "reserved-memory");
		must(ovl_changeset_set_u32(changes, all, "#address-cells", 2), "reserved-memory");
		must(ovl_changeset_set_u32(changes, all, "#size-cells", 2), "reserved-memory");
		must(ovl_changeset_set_bool(changes, all, "ranges", 1), "reserved-memory");
		node = make(changes, all, "monitor", guest->reserved_start, guest->reserved);
		must(ovl_changeset_set_bool(changes, node, "no-map", 1), "reserved-memory");
		ovl_node_put(node);
		ovl_node_put(all);
	}

	for (unsigned long i = 0; i < guest->virtio; i++) {
		node = make(changes, root, "virtio_mmio", VIRTIO + i * VIRTIO_SIZE, VIRTIO_SIZE);
		must(ovl_changeset_set_string(changes, node, "compatible", "virtio,mmio"), "virtio");
		set_interrupt(changes, node, VIRTIO_INTERRUPT + i, EDGE);
		ovl_node_put(node);
	}

	if (guest->overlay) {
		node = ovl_node_by_label(tree, "device");
		if (!node)
			give_up(guest->overlay);
		set_reg(changes, node, DEVICE, DEVICE_SIZE);
		set_interrupt(changes, node, DEVICE_INTERRUPT, LEVEL);
		must(ovl_changeset_set_string(changes, node, "status", "okay"), guest->overlay);
		ovl_node_put(node);
	}
	ovl_node_put(root);
}

static unsigned long number(const char *what, const char *text, unsigned long most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end) {
		fprintf(stderr, "%s: %s is no number\n", what, text);
		exit(1);
	}
	if (value > most)
		too_much(what, value, most);
	return value;
}

static struct guest options(int argc, char **argv)
{
	struct guest guest = {.ram_size = 64 << 20, .virtio = 1, .room = 65536};

	for (int option; (option = getopt(argc, argv, "m:a:i:v:d:r:b:")) > 0;)
		switch (option) {
		case 'm': guest.ram_size = number("-m", optarg, MAX_MIB) << 20; break;
		case 'a': guest.bootargs = optarg; break;
		case 'i': guest.initrd = optarg; break;
		case 'v': guest.virtio = number("-v", optarg, MAX_VIRTIO); break;
		case 'd': guest.overlay = optarg; break;
		case 'r': guest.reserved = number("-r", optarg, MAX_MIB << 10) << 10; break;
		case 'b': guest.room = number("-b", optarg, MAX_ROOM); break;
		default: exit(1);
		}
	if (argc - optind != 2 || !guest.ram_size) {
		fprintf(stderr, "usage: loader [-m MIB] [-a TEXT] [-i FILE] [-v COUNT] [-d OVERLAY] [-r KIB] [-b BYTES] BASE.dtb OUT.dtb\n");
		exit(1);
	}
	return guest;
}

static void write_out(const void *blob, size_t size, const char *out)
{
	FILE *file = fopen(out, "wb");
	int failed = !file || fwrite(blob, 1, size, file) != size;

	if ((file && fclose(file)) || failed) {
		perror(out);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct guest guest = options(argc, argv);
	const char *base = argv[optind], *out = argv[optind + 1];
	void *before, *fdt, *after;
	size_t size_before, size, size_after;
	int id = 0;

	ovl_tree *tree = ovl_tree_from_file(base, 0);
	if (!tree)
		give_up(base);
	must(ovl_tree_to_fdt(tree, &before, &size_before), base);
	lay_out(&guest);
	if (guest.overlay)
		must(id = apply_file(tree, guest.overlay), guest.overlay);
	guest.changes = ovl_changeset_new(tree);
	describe(&guest, tree);
	must(ovl_changeset_apply(guest.changes), base);

	must(ovl_tree_to_fdt(tree, &fdt, &size), base);
	if (size > guest.room)
		too_much("the devicetree", size, guest.room);
	char *place = guest.ram + (guest.tree_start - RAM);
	memcpy(place, fdt, size);
	ovl_free(fdt);
	write_out(place, size, out);
	printf("memory 0x%llx, %lu bytes; devicetree at 0x%llx, %zu of %lu bytes\n", RAM, guest.ram_size,
	       (unsigned long long)guest.tree_start, size, guest.room);

	must(ovl_changeset_revert(guest.changes), "the guest");
	if (id)
		must(ovl_overlay_remove(tree, id, 0), guest.overlay);
	must(ovl_tree_to_fdt(tree, &after, &size_after), base);
	if (size_after == size_before && !memcmp(after, before, size_before))
		printf("the tree is ready for the next guest\n");
	ovl_free(after);
	ovl_free(before);
	munmap(guest.ram, guest.ram_size);
	ovl_changeset_put(guest.changes);
	ovl_tree_put(tree);
}
