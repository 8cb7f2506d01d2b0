/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The options of an application: a struct that may grow, read from callers older and newer than the library. */
#include "fixtures.h"

static int apply_options(ovl_tree *tree, const void *options)
{
	const struct blob *overlay = OVERLAY("&uart0 { a { }; };");
	char *report;
	int id, checked = ovl_overlay_check(tree, overlay->data, overlay->size, options, &report);
	int result = ovl_overlay_apply(tree, overlay->data, overlay->size, options, &id);

	/* The dry run and the application understand the same. */
	ok_int(checked, result);
	ovl_free(report);
	if (!result)
		ok0(ovl_overlay_remove(tree, id, 0));
	return result;
}

TEST("K3 options may be NULL, and so may the id")
{
	ovl_tree *tree = board();
	const struct blob *overlay = load("sensor.dtbo");

	ok0(apply_options(tree, NULL));
	ok0(ovl_overlay_apply(tree, overlay->data, overlay->size, NULL, NULL));
	ok(ovl_overlay_next(tree, 0) > 0);
	close_tree(tree);
}

TEST("a caller from before `name` was there")
{
	ovl_tree *tree = board();
	struct {
		size_t size;
		uint32_t flags;
		ovl_node *base;
		const char *not_read;
	} older = {offsetof(struct ovl_apply_options, name), 0, NULL, (const char *)1};

	ok0(apply_options(tree, &older));
	older.size--;
	ok_error(apply_options(tree, &older), -EINVAL, "options->size is 23, the first version had 24");
	older.size = 0;
	ok_error(apply_options(tree, &older), -EINVAL, "options->size is 0, the first version had 24");
	close_tree(tree);
}

TEST("a newer caller is understood as long as what he sets is known")
{
	ovl_tree *tree = board();
	struct {
		struct ovl_apply_options known;
		uint64_t unknown[2];
	} newer = {.known.size = sizeof(newer), .known.name = "hat"};

	ok0(apply_options(tree, &newer));
	newer.unknown[1] = (uint64_t)1 << 56;
	ok_int(apply_options(tree, &newer), -E2BIG);
	ok_contains(ovl_last_error(), "options is newer than the library: byte ");
	newer.known.size = 1 << 20;
	ok_error(apply_options(tree, &newer), -E2BIG, "options->size is 1048576");
	close_tree(tree);
}

TEST("unknown flags, and two modes at once")
{
	ovl_tree *tree = board();
	struct ovl_apply_options options = {.size = sizeof(options), .flags = 4};

	ok_error(apply_options(tree, &options), -EINVAL, "unknown flags 0x4");
	options.flags = 0x80000001;
	ok_error(apply_options(tree, &options), -EINVAL, "unknown flags 0x80000000");
	options.flags = OVL_APPLY_LINUX | OVL_APPLY_LIBFDT;
	ok_error(apply_options(tree, &options), -EINVAL, "OVL_APPLY_LINUX and OVL_APPLY_LIBFDT exclude each other");
	options.flags = OVL_APPLY_LINUX;
	ok0(apply_options(tree, &options));
	options.flags = OVL_APPLY_LIBFDT;
	ok0(apply_options(tree, &options));
	options.flags = 0;
	options.name = "\xff";
	ok_int(apply_options(tree, &options), -EINVAL);
	ok_contains(ovl_last_error(), "is not UTF-8");
	close_tree(tree);
}
