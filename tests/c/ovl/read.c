/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading: nodes are found, values are read as what they are, trees come from files and folders. */
#include "fixtures.h"

#include <fcntl.h>
#include <sys/stat.h>

TEST("O2 a name longer than 31 characters is a name")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/a-node-whose-name-is-longer-than-thirty-one-characters@123456789");

	ok_str(ovl_node_name(node), "a-node-whose-name-is-longer-than-thirty-one-characters@123456789");
	ovl_node_put(node);
	close_tree(tree);
}

static void found(ovl_tree *tree, ovl_node *node, const char *path)
{
	char buf[128];

	ok(node);
	ok_int(ovl_node_path(node, buf, sizeof(buf)), (int)strlen(path));
	ok_str(buf, path);
	ovl_node *again = ovl_node_by_path(tree, path);
	ok(again == node);
	ovl_node_put(again);
	ovl_node_put(node);
}

TEST("O3 nodes are found by path, and without unit addresses where that is unambiguous")
{
	ovl_tree *tree = board();

	found(tree, ovl_node_by_path(tree, "/"), "/");
	found(tree, ovl_node_by_path(tree, "/soc/serial@9000"), "/soc/serial@9000");
	found(tree, ovl_node_by_path(tree, "/soc/serial@9000/bluetooth"), "/soc/serial@9000/bluetooth");
	found(tree, ovl_node_by_path(tree, "/soc/i2c"), "/soc/i2c@b000");
	found(tree, ovl_node_by_path(tree, "/soc/clock/"), "/soc/clock@1000");
	ok_none(ovl_node_by_path(tree, "/soc/serial"), EINVAL,
		"\"serial\" is ambiguous in /soc: serial@9000 and serial@a000");
	ok_none(ovl_node_by_path(tree, "/soc/serial@1"), ENOENT, "/soc/serial@1: no node \"serial@1\" in /soc");
	ok_none(ovl_node_by_path(tree, "/a/b"), ENOENT, "/a/b: no node \"a\" in /");
	/* Names are compared as they are. */
	ok_errno(ovl_node_by_path(tree, "/SOC"), ENOENT);
	close_tree(tree);
}

TEST("O3 a path may start with an alias")
{
	ovl_tree *tree = board();

	found(tree, ovl_node_by_path(tree, "serial0"), "/soc/serial@9000");
	found(tree, ovl_node_by_path(tree, "serial0/bluetooth"), "/soc/serial@9000/bluetooth");
	found(tree, ovl_node_by_path(tree, "serial1"), "/soc/serial@a000");
	ok_none(ovl_node_by_path(tree, "serial2"), ENOENT, "no alias \"serial2\" in /aliases");
	ok_none(ovl_node_by_path(tree, "relative"), EINVAL,
		"alias \"relative\" stands for \"soc\", which is not an absolute path");
	ok_errno(ovl_node_by_path(tree, "lost"), ENOENT);
	ok_errno(ovl_node_by_path(tree, ""), ENOENT);
	close_tree(tree);
}

TEST("O3 nodes are found by phandle and label")
{
	ovl_tree *tree = board();
	ovl_node *clk = at(tree, "/soc/clock@1000"), *soc = at(tree, "/soc/serial@9000/bluetooth");
	uint32_t phandle = ovl_node_phandle(clk);

	ok(phandle != 0);
	ok_int(ovl_node_phandle(soc), 0);
	found(tree, ovl_node_by_phandle(tree, phandle), "/soc/clock@1000");
	found(tree, ovl_node_by_label(tree, "clk"), "/soc/clock@1000");
	found(tree, ovl_node_by_label(tree, "plain"), "/plain");
	ok_none(ovl_node_by_phandle(tree, 0x7777), ENOENT, "no node with phandle 0x7777");
	ok_errno(ovl_node_by_phandle(tree, 0), ENOENT);
	ok_errno(ovl_node_by_phandle(tree, 0xffffffff), ENOENT);
	ok_none(ovl_node_by_label(tree, "nothing"), ENOENT, "label \"nothing\" is not in /__symbols__");
	ok_none(ovl_node_by_label(tree, "not-a-path"), EINVAL,
		"label \"not-a-path\": its entry in /__symbols__ is not a path");
	ok_none(ovl_node_by_label(tree, "stale"), ENOENT, "/was/here: no node \"was\" in /");
	ovl_node_put(clk);
	ovl_node_put(soc);
	close_tree(tree);

	tree = ovl_tree_new();
	ok_none(ovl_node_by_label(tree, "clk"), ENOENT, "label \"clk\": the tree has no /__symbols__");
	close_tree(tree);
}

TEST("O3 nodes are found by compatible, in order, and the loop puts what it got")
{
	ovl_tree *tree = board(), *other = board();
	char seen[128] = "";

	/* In upper or lower case, as in Linux. */
	for (ovl_node *node = NULL; (node = ovl_node_by_compatible(tree, node, "ns16550a"));)
		strcat(strcat(seen, ovl_node_name(node)), " ");
	ok_int(errno, ENOENT);
	ok_str(ovl_last_error(), "no further node is compatible with \"ns16550a\"");
	ok_str(seen, "serial@9000 serial@a000 ");
	found(tree, ovl_node_by_compatible(tree, NULL, "holdfast,test-board"), "/");
	ok_errno(ovl_node_by_compatible(tree, NULL, "holdfast"), ENOENT);
	/* A node that is put although the call fails. */
	ok_none(ovl_node_by_compatible(tree, at(other, "/soc"), "ns16550a"), EINVAL, "soc is a node of another tree");
	ok_errno(ovl_node_by_compatible(tree, at(tree, "/soc"), NULL), EINVAL);
	close_tree(other);
	close_tree(tree);
}

TEST("O3 detached nodes are never found")
{
	ovl_tree *tree = board();
	int id = apply(tree, load("sensor.dtbo"));
	ovl_node *sensor = ovl_node_by_label(tree, "sensor"), *bus = at(tree, "/soc/i2c");
	uint32_t phandle = ovl_node_phandle(sensor);

	ok(sensor && phandle);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_errno(ovl_node_by_path(tree, "/soc/i2c@b000/sensor@10"), ENOENT);
	ok_errno(ovl_node_by_path(tree, "/soc/i2c@b000/sensor"), ENOENT);
	ok_errno(ovl_node_child(bus, "sensor@10"), ENOENT);
	ok_errno(ovl_node_first_child(bus), ENOENT);
	ok_errno(ovl_node_by_phandle(tree, phandle), ENOENT);
	ok_errno(ovl_node_by_label(tree, "sensor"), ENOENT);
	ok_errno(ovl_node_by_compatible(tree, NULL, "holdfast,sensor"), ENOENT);
	/* Nor does a detached node lead anywhere. */
	ok_errno(ovl_node_parent(sensor), ENOENT);
	ok_errno(ovl_node_first_child(sensor), ENOENT);
	ok_errno(ovl_node_next_sibling(sensor), ENOENT);
	ok_none(ovl_node_child(sensor, "channel@0"), ENODEV, "/soc/i2c@b000/sensor@10 is not in the tree any more");
	ok_none(ovl_node_by_compatible(tree, sensor, "ns16550a"), ENODEV,
		"/soc/i2c@b000/sensor@10 is not in the tree any more");
	ovl_node_put(bus);
	close_tree(tree);
}

TEST("O3 from node to node, in the order of the blob")
{
	ovl_tree *tree = board();
	ovl_node *root = ovl_tree_root(tree), *soc = at(tree, "/soc"), *leaf = at(tree, "/plain");
	char seen[256] = "";

	ok_str(ovl_node_name(root), "");
	ok_errno(ovl_node_parent(root), ENOENT);
	ok_errno(ovl_node_next_sibling(root), ENOENT);
	ok_errno(ovl_node_first_child(leaf), ENOENT);
	for (ovl_node *child = ovl_node_first_child(soc), *next; child; child = next) {
		ovl_node *parent = ovl_node_parent(child);

		ok(parent == soc);
		ovl_node_put(parent);
		strcat(strcat(seen, ovl_node_name(child)), " ");
		next = ovl_node_next_sibling(child);
		ovl_node_put(child);
	}
	ok_int(errno, ENOENT);
	ok_str(seen, "clock@1000 oscillator serial@9000 serial@a000 i2c@b000 ");
	found(tree, ovl_node_child(soc, "i2c"), "/soc/i2c@b000");
	ok_errno(ovl_node_child(soc, "serial"), EINVAL);
	ok_none(ovl_node_child(soc, "spi"), ENOENT, "no node \"spi\" in /soc");
	ovl_node_put(leaf);
	ovl_node_put(soc);
	ovl_node_put(root);
	close_tree(tree);
}

TEST("O3 a node's path, name and state")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "serial0"), *off = at(tree, "serial1"), *silent = at(tree, "/soc");
	char buf[32] = "unchanged";

	ok_int(ovl_node_path(node, NULL, 0), 16);
	ok_error(ovl_node_path(node, buf, 16), -ERANGE, "buf has 16 bytes, 17 are needed");
	ok_str(buf, "unchanged");
	ok_int(ovl_node_path(node, buf, 17), 16);
	ok_str(buf, "/soc/serial@9000");
	ok_int(ovl_node_is_attached(node), 1);
	ok_int(ovl_node_is_available(node), 1);
	ok_int(ovl_node_is_available(off), 0);
	ok_int(ovl_node_is_available(silent), 1);
	ok_int(ovl_node_is_compatible(node, "ns16550a"), 1);
	ok_int(ovl_node_is_compatible(node, "holdfast,uart"), 1);
	ok_int(ovl_node_is_compatible(node, "ns16550"), 0);
	ovl_node_put(silent);
	ovl_node_put(off);
	ovl_node_put(node);
	close_tree(tree);
}

TEST("O3 properties come in the order of the blob, and the loop puts what it got")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/soc/i2c"), *empty = at(tree, "/plain");
	char seen[256] = "";

	for (ovl_prop *prop = NULL; (prop = ovl_node_next_prop(node, prop));)
		strcat(strcat(seen, ovl_prop_name(prop)), " ");
	ok_int(errno, ENOENT);
	ok_str(seen, "compatible reg clock-frequency #address-cells #size-cells phandle ");
	ok_errno(ovl_node_next_prop(empty, NULL), ENOENT);
	/* Not one of its own: put all the same. */
	ok_errno(ovl_node_next_prop(empty, ovl_node_next_prop(node, NULL)), ENOENT);
	ok_none(ovl_node_prop(node, "nothing"), ENOENT, "/soc/i2c@b000: no property \"nothing\"");

	ovl_prop *reg = ovl_node_prop(node, "reg");
	size_t len = 99;
	ok_str(ovl_prop_name(reg), "reg");
	ok(!memcmp(ovl_prop_data(reg, &len), "\0\0\xb0\0\0\0\1\0", 8));
	ok_int(len, 8);
	ok(ovl_prop_data(reg, NULL) == ovl_prop_data(reg, &len));
	ovl_prop_put(reg);
	ovl_node_put(empty);
	ovl_node_put(node);
	close_tree(tree);
}

TEST("O3 cells are read as numbers")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/values");
	uint32_t value = 0, values[3] = {0};
	uint64_t big = 0;

	ok0(ovl_node_read_u32(node, "cells", &value));
	ok_int(value, 0x11223344);
	ok0(ovl_node_read_u32_array(node, "cells", values, 3));
	ok(values[0] == 0x11223344 && values[1] == 2 && values[2] == 3);
	ok0(ovl_node_read_u32_array(node, "cells", values, 2));
	ok0(ovl_node_read_u64(node, "big", &big));
	ok(big == 0x0123456789abcdefull);

	ok_error(ovl_node_read_u32(node, "nothing", &value), -EINVAL,
		 "/values: property \"nothing\" does not exist");
	ok_error(ovl_node_read_u32(node, "empty", &value), -ENODATA, "/values: property \"empty\" has no value");
	ok_error(ovl_node_read_u32(node, "short", &value), -EOVERFLOW,
		 "/values: property \"short\": 2 bytes are too few for 1 cells");
	ok_int(ovl_node_read_u64(node, "nothing", &big), -EINVAL);
	ok_int(ovl_node_read_u64(node, "empty", &big), -ENODATA);
	ok_int(ovl_node_read_u64(node, "short", &big), -EOVERFLOW);
	ok_int(ovl_node_read_u32_array(node, "nothing", values, 3), -EINVAL);
	ok_int(ovl_node_read_u32_array(node, "empty", values, 3), -ENODATA);
	ok_int(ovl_node_read_u32_array(node, "big", values, 3), -EOVERFLOW);
	/* A failure leaves what was there. */
	ok_int(value, 0x11223344);
	ok(big == 0x0123456789abcdefull);
	ovl_node_put(node);
	close_tree(tree);
}

TEST("O3 strings are counted, read and matched")
{
	ovl_tree *tree = board();
	ovl_node *node = at(tree, "/values");
	char buf[8] = "same";

	ok_int(ovl_node_count_strings(node, "strings"), 3);
	ok_int(ovl_node_match_string(node, "strings", "two"), 2);
	ok_int(ovl_node_read_string(node, "strings", 1, NULL, 0), 3);
	ok_int(ovl_node_read_string(node, "strings", 1, buf, 3), -ERANGE);
	ok_str(buf, "same");
	ok_int(ovl_node_read_string(node, "strings", 1, buf, 4), 3);
	ok_str(buf, "one");
	ok_int(ovl_node_read_string(node, "strings", 0, buf, sizeof(buf)), 4);
	ok_str(buf, "zero");

	ok_error(ovl_node_read_string(node, "strings", 3, buf, sizeof(buf)), -ENODATA,
		 "/values: property \"strings\": no string at index 3");
	ok_error(ovl_node_match_string(node, "strings", "three"), -ENODATA,
		 "/values: property \"strings\": \"three\" is not one of its strings");
	ok_int(ovl_node_match_string(node, "strings", "tw"), -ENODATA);
	ok_int(ovl_node_read_string(node, "nothing", 0, buf, sizeof(buf)), -EINVAL);
	ok_int(ovl_node_count_strings(node, "nothing"), -EINVAL);
	ok_int(ovl_node_match_string(node, "nothing", "two"), -EINVAL);
	ok_int(ovl_node_read_string(node, "empty", 0, buf, sizeof(buf)), -ENODATA);
	ok_int(ovl_node_count_strings(node, "empty"), -ENODATA);
	ok_int(ovl_node_match_string(node, "empty", ""), -ENODATA);
	ok_int(ovl_node_read_string(node, "raw", 0, buf, sizeof(buf)), -EILSEQ);
	ok_int(ovl_node_count_strings(node, "raw"), -EILSEQ);
	ok_int(ovl_node_match_string(node, "raw", "ab"), -EILSEQ);
	ok_int(ovl_node_read_string(node, "not-utf8", 0, buf, sizeof(buf)), -EILSEQ);

	ok_int(ovl_node_read_bool(node, "empty"), 1);
	ok_int(ovl_node_read_bool(node, "cells"), 1);
	ok_int(ovl_node_read_bool(node, "nothing"), 0);
	ovl_node_put(node);
	close_tree(tree);
}

TEST("O3 a list of phandles with arguments is followed")
{
	ovl_tree *tree = board();
	ovl_node *uart = at(tree, "serial0"), *target = NULL;
	uint32_t args[4] = {0};
	unsigned n = 4;

	ok0(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, &target, args, &n));
	ok(n == 2 && args[0] == 70 && args[1] == 80);
	found(tree, target, "/soc/clock@1000");
	n = 4;
	ok0(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 2, &target, args, &n));
	ok_int(n, 0);
	found(tree, target, "/soc/oscillator");
	/* Each result may be left out. */
	ok0(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, NULL, NULL, NULL));
	n = 0;
	ok0(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, NULL, NULL, &n));
	ok_int(n, 2);
	n = 2;
	ok0(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, NULL, args, &n));
	/* Too little room: nothing is given but the number. */
	n = 1;
	target = NULL;
	ok_error(ovl_node_phandle_args(uart, "clocks", "#clock-cells", 0, &target, args, &n), -ERANGE,
		 "2 arguments do not fit into 1");
	ok(n == 2 && !target);
	/* Without cells every entry is a phandle. */
	ok0(ovl_node_phandle_args(uart, "clocks", NULL, 0, &target, NULL, NULL));
	found(tree, target, "/soc/clock@1000");
	ok_int(ovl_node_phandle_args(uart, "clocks", NULL, 1, &target, NULL, NULL), -EINVAL);
	ok_contains(ovl_last_error(), "entry 1 refers to phandle 0x46, which no node has");
	ovl_node_put(uart);
	close_tree(tree);
}

TEST("O3 what is wrong with a list of phandles is told")
{
	ovl_tree *tree = board();
	ovl_node *uart = at(tree, "serial0"), *node = at(tree, "/values");
	ovl_node *target = NULL;

#define ARGS(node, list, index) ovl_node_phandle_args(node, list, "#clock-cells", index, &target, NULL, NULL)
	ok_error(ARGS(uart, "clocks", 1), -ENOENT, "/soc/serial@9000: property \"clocks\": entry 1 is empty");
	ok_error(ARGS(uart, "clocks", 3), -ENOENT, "/soc/serial@9000: property \"clocks\": no entry 3");
	ok_error(ARGS(uart, "resets", 0), -ENOENT, "/soc/serial@9000: property \"resets\" does not exist");
	ok_error(ARGS(node, "dangling", 0), -EINVAL,
		 "/values: property \"dangling\": entry 0 refers to phandle 0x7777, which no node has");
	ok_error(ARGS(node, "no-cells", 0), -EINVAL,
		 "/values: property \"no-cells\": entry 0 leads to /soc/serial@9000, which has no #clock-cells");
	ok_error(ARGS(node, "odd-list", 0), -EINVAL,
		 "/values: property \"odd-list\": entry 0 has fewer than 2 cells behind its phandle");
	ok_error(ARGS(node, "short", 0), -EINVAL, "/values: property \"short\": 2 bytes are not whole cells");
	ok(!target);
	ovl_node_put(node);
	ovl_node_put(uart);
	close_tree(tree);
}

TEST("O1 from a file, and from standard input")
{
	ovl_tree *tree = ovl_tree_from_file(DTS_DIR "/board.dtb", 0), *same;
	int stdin_before = dup(0), fd = open(DTS_DIR "/board.dtb", O_RDONLY);

	ok(tree && fd >= 0);
	dup2(fd, 0);
	same = ovl_tree_from_file("-", 0);
	dup2(stdin_before, 0);
	close(stdin_before);
	close(fd);
	ok(same);
	ok_same(tree, flatten(same));
	close_tree(same);
	close_tree(tree);

	ok_none(ovl_tree_from_file("/nowhere/x.dtb", 0), ENOENT, "/nowhere/x.dtb: No such file or directory (os error 2)");
	ok_errno(ovl_tree_from_file("/tmp", 0), EISDIR);
	ok_errno(ovl_tree_from_file(TOP "/Makefile", 0), EINVAL);
	ok_contains(ovl_last_error(), "no magic number 0xd00dfeed at offset 0x0");
}

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void file(const char *name, const char *data, size_t size)
{
	FILE *out = fopen(in_folder(name), "wb");

	ok(out && fwrite(data, 1, size, out) == size);
	fclose(out);
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ok0(system(command));
}

TEST("O3 from a directory such as /proc/device-tree")
{
	strcpy(folder, "/tmp/holdfast-XXXXXX");
	ok(mkdtemp(folder));
	ok0(mkdir(in_folder("soc"), 0700));
	ok0(mkdir(in_folder("soc/uart@9000"), 0700));
	ok0(mkdir(in_folder("aliases"), 0700));
	file("model", "A folder", 9);
	file("name", "", 1);
	file("soc/ranges", "", 0);
	file("soc/name", "soc", 4);
	file("soc/uart@9000/reg", "\0\0\x90\0", 4);
	file("soc/uart@9000/phandle", "\0\0\0\5", 4);
	file("aliases/serial0", "/soc/uart@9000", 15);
	/* Linux links to what is read anyway. */
	ok0(symlink(folder, in_folder("soc/loop")));

	ovl_tree *tree = ovl_tree_from_dir(folder, 0), *same = tree_of(TREE("/ {"
		"	model = \"A folder\";"
		"	aliases { serial0 = \"/soc/uart@9000\"; };"
		"	soc { ranges; uart@9000 { phandle = <5>; reg = <0x9000>; }; };"
		"};"));
	ok(tree);
	ok_same(tree, flatten(same));
	found(tree, ovl_node_by_phandle(tree, 5), "/soc/uart@9000");
	found(tree, ovl_node_by_path(tree, "serial0"), "/soc/uart@9000");
	close_tree(same);
	close_tree(tree);

	file("soc/caf\xc3\xa9", "", 0);
	ok_errno(ovl_tree_from_dir(folder, 0), EINVAL);
	ok_contains(ovl_last_error(), "the name is not printable ASCII");
	remove_folder();
	ok_errno(ovl_tree_from_dir(folder, 0), ENOENT);
	ok_errno(ovl_tree_from_dir(DTS_DIR "/board.dtb", 0), ENOTDIR);
}

TEST("O2 a directory nested too deeply is an error, not an endless walk")
{
	char path[512];

	strcpy(folder, "/tmp/holdfast-XXXXXX");
	ok(mkdtemp(folder));
	strcpy(path, folder);
	for (int i = 1; i < 64; i++)
		ok0(mkdir(strcat(path, "/n"), 0700));
	close_tree(ovl_tree_from_dir(folder, 0));
	ok0(mkdir(strcat(path, "/n"), 0700));
	ok_errno(ovl_tree_from_dir(folder, 0), E2BIG);
	ok_contains(ovl_last_error(), "nested deeper than 64");
	remove_folder();
}

TEST("O3 an empty tree has a root and nothing else")
{
	ovl_tree *tree = ovl_tree_new();
	ovl_node *root = ovl_tree_root(tree);

	ok_errno(ovl_node_first_child(root), ENOENT);
	ok_errno(ovl_node_next_prop(root, NULL), ENOENT);
	ok_errno(ovl_node_by_path(tree, "/soc"), ENOENT);
	found(tree, root, "/");
	close_tree(tree);
}
