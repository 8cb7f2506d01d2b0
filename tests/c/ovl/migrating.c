/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The programs of docs/migrating/libfdt.md: with libovl they do what they did with libfdt, on the same boards. */
#include "fixtures.h"

#define LIBRARY "ovl"
#include "examples.h"

#define BOARDS DTS_DIR "/boards"
#define BOTH_ON_THE_FINCH BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo " BOARDS "/display.dtbo"
#define BEFORE EXAMPLES "/before/libfdt/"
#define AFTER EXAMPLES "/ovl/from_libfdt_"

static char said_before[sizeof(said)];

/* What the program prints, errors included, goes to `text`; its exit code. */
static int run_program(char *text, const char *program, const char *arguments)
{
	char command[4096];

	snprintf(command, sizeof(command), "%s %s 2>&1", program, arguments);
	return run_into(text, sizeof(said), command);
}

static void need_libfdt(void)
{
#ifndef HAVE_LIBFDT
	skip("libfdt is not there for this machine: the programs as they were are not built");
#endif
}

/* A file of this process's own. */
static const char *file_called(const char *what)
{
	static char names[2][64];
	static int turn;
	char *name = names[turn++ % 2];

	snprintf(name, sizeof(names[0]), "/tmp/holdfast-%d-%s.dtb", getpid(), what);
	return name;
}

/* Two files of one tree, but for the order of nodes and the numbers of phandles. */
static void ok_same_tree(const char *a, const char *b)
{
	ovl_tree *one = ovl_tree_from_file(a, 0), *other = ovl_tree_from_file(b, 0);
	char *differences = NULL;

	ok(one && other);
	if (ovl_tree_diff(one, other, OVL_DIFF_ANY_ORDER | OVL_DIFF_ANY_PHANDLES, &differences))
		tap_fail("%s and %s differ:\n%s", a, b, differences);
	ovl_free(differences);
	ovl_tree_put(one);
	ovl_tree_put(other);
}

TEST("the example from_libfdt_merge")
{
	const char *out = file_called("after"), *before = file_called("before");
	char arguments[1024];

	snprintf(arguments, sizeof(arguments), "%s " BOTH_ON_THE_FINCH, out);
	ok0(run_program(said, AFTER "merge", arguments));
	ovl_tree *merged = ovl_tree_from_file(out, 0);
	ovl_node *thermometer = ovl_node_by_label(merged, "thermometer");
	ok(thermometer);
	ovl_node_put(thermometer);
	ovl_tree_put(merged);

	need_libfdt();
	snprintf(arguments, sizeof(arguments), "%s " BOTH_ON_THE_FINCH, before);
	ok0(run_program(said_before, BEFORE "merge", arguments));
	ok_same_tree(before, out);
	unlink(before);
	unlink(out);
}

TEST("the example from_libfdt_merge says what does not fit")
{
	const char *arguments = "/nowhere/out.dtb " BOARDS "/sensor-hat.dtbo " BOARDS "/display.dtbo";

	ok_int(run_program(said, AFTER "merge", arguments), 1);
	ok_contains(said, "display.dtbo: ");
	ok_contains(said, "__symbols__");
	need_libfdt();
	ok_int(run_program(said_before, BEFORE "merge", arguments), 1);
	ok_str(said_before, BOARDS "/display.dtbo: FDT_ERR_NOTFOUND\n");
}

TEST("the example from_libfdt_devices")
{
	ok0(run_program(said, AFTER "devices", BOARDS "/finch.dtb"));
	ok_contains(said, "/soc/serial@20000: ns16550a at 0x20000, interrupts to /soc/interrupt-controller@10000\n");
	ok(!strstr(said, "i2c@30000"));
	need_libfdt();
	ok0(run_program(said_before, BEFORE "devices", BOARDS "/finch.dtb"));
	ok_str(said, said_before);
}

TEST("the example from_libfdt_fixup")
{
	const char *out = file_called("after"), *before = file_called("before");
	char arguments[256], args[128];
	uint32_t reg[2];

	snprintf(arguments, sizeof(arguments), BOARDS "/finch.dtb %s 0x8000000", out);
	ok0(run_program(said, AFTER "fixup", arguments));
	ovl_tree *tree = ovl_tree_from_file(out, 0);
	ovl_node *memory = ovl_node_by_path(tree, "/memory"), *chosen = ovl_node_by_path(tree, "/chosen");
	ok0(ovl_node_read_u32_array(memory, "reg", reg, 2));
	ok_int(reg[0], 0x80000000);
	ok_int(reg[1], 0x8000000);
	ok(ovl_node_read_string(chosen, "bootargs", 0, args, sizeof(args)) > 0);
	ok_str(args, "console=ttyS0 root=/dev/ram0");
	ok_errno(ovl_node_by_path(tree, "/leds"), ENOENT);
	ovl_node_put(memory);
	ovl_node_put(chosen);
	ovl_tree_put(tree);

	need_libfdt();
	snprintf(arguments, sizeof(arguments), BOARDS "/finch.dtb %s 0x8000000", before);
	ok0(run_program(said_before, BEFORE "fixup", arguments));
	ok_same_tree(before, out);
	unlink(before);
	unlink(out);
}
