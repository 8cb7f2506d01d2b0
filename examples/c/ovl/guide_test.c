/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* guide_test: how a program that reads a devicetree is tested without a board and without files (docs/guide/ovl). */
#include <assert.h>
#include <errno.h>
#include <ovl.h>
#include <stdio.h>
#include <string.h>

/* The code under test: the speed of a bus, 100 kHz where it says none, an error if there is no such bus or it is off. */
static int bus_speed(ovl_tree *tree, const char *path, uint32_t *hertz)
{
	ovl_node *bus = ovl_node_by_path(tree, path);
	int result = bus ? 0 : -errno;

	if (bus && !ovl_node_is_available(bus))
		result = -ENODEV;
	else if (bus && (result = ovl_node_read_u32(bus, "clock-frequency", hertz)) == -EINVAL) {
		*hertz = 100000;
		result = 0;
	}
	ovl_node_put(bus);
	return result;
}

/* A board of what a test needs, and nothing else. */
static ovl_tree *board_with_bus(void)
{
	ovl_tree *tree = ovl_tree_new();
	ovl_node *root = ovl_tree_root(tree);
	ovl_changeset *change = ovl_changeset_new(tree);

	assert(ovl_changeset_create_node(change, root, "i2c", NULL) == 0);
	assert(ovl_changeset_apply(change) == 0);
	ovl_changeset_put(change); /* it stays applied, for good */
	ovl_node_put(root);
	return tree;
}

static void set(ovl_tree *tree, const char *name, const void *data, size_t len)
{
	ovl_node *bus = ovl_node_by_path(tree, "/i2c");
	ovl_changeset *change = ovl_changeset_new(tree);

	assert(ovl_changeset_set_prop(change, bus, name, data, len) == 0);
	assert(ovl_changeset_apply(change) == 0);
	ovl_changeset_put(change);
	ovl_node_put(bus);
}

int main(void)
{
	ovl_tree *tree = board_with_bus();
	uint32_t hertz = 0;
	char *holders;

	ovl_set_tracking(1);
	assert(bus_speed(tree, "/i2c", &hertz) == 0 && hertz == 100000);
	set(tree, "clock-frequency", "\0\x06\x1a\x80", 4); /* values are big-endian: 400000 */
	assert(bus_speed(tree, "/i2c", &hertz) == 0 && hertz == 400000);
	set(tree, "clock-frequency", "\0\x06", 2);
	assert(bus_speed(tree, "/i2c", &hertz) == -EOVERFLOW);
	set(tree, "status", "disabled", sizeof("disabled"));
	assert(bus_speed(tree, "/i2c", &hertz) == -ENODEV);
	assert(bus_speed(tree, "/spi", &hertz) == -ENOENT);

	/* A test's last check: the code under test has put everything that it took. */
	assert(ovl_tree_holders(tree, &holders) == 0);
	ovl_free(holders);
	ovl_tree_put(tree);
	printf("all is well\n");
}
