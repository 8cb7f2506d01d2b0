/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Removing: exactly what an overlay brought goes, in any order in which none loses what it stands on. */
#include "fixtures.h"

static int apply_as(ovl_tree *tree, const struct blob *overlay, const char *name)
{
	int id;

	ok0(apply_with(tree, overlay, 0, name, &id));
	return id;
}

static void refused(ovl_tree *tree, int id, uint32_t flags, const char *format, ...)
{
	struct blob *before = flatten(tree);
	char sentence[256];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	ok_error(ovl_overlay_remove(tree, id, flags), -EBUSY, sentence);
	ok_same(tree, before);
}

TEST("O14 removal restores content and order to the byte")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	const struct blob *overlays[] = {
		load("sensor.dtbo"),
		/* Before, between and behind what is there. */
		OVERLAY("&uart0 { compatible = \"x\"; new; status = \"disabled\"; a { }; bluetooth { b { }; }; };"),
		OVERLAY("&{/} { model = \"other\"; soc { z { }; }; values { empty = <1>; strings; }; };"),
		OVERLAY("&plain { label: l { }; };"),
	};

	for (int i = 0; i < 4; i++) {
		int id = apply(tree, overlays[i]);

		ok(flatten(tree)->size != before->size);
		ok0(ovl_overlay_remove(tree, id, 0));
		ok_same(tree, before);
		id = apply(tree, overlays[i]);
		ok0(ovl_overlay_remove(tree, id, OVL_REMOVE_LINUX));
		ok_same(tree, before);
	}
	ok0(ovl_tree_wait_released(tree, 0, 0));
	close_tree(tree);
}

TEST("O14 in whatever order overlays go, those that stay leave the same tree")
{
	const struct blob *overlays[3] = {
		OVERLAY("&i2c { clock-frequency = <1>; a; one: dev@1 { }; };"),
		OVERLAY("&i2c { clock-frequency = <2>; b; two: dev@2 { }; };"),
		OVERLAY("&i2c { clock-frequency = <3>; c; three: dev@3 { }; };"),
	};
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	for (int order = 0; order < 6; order++) {
		ovl_tree *tree = board();
		int ids[3], there[3] = {1, 1, 1};

		for (int i = 0; i < 3; i++)
			ids[i] = apply(tree, overlays[i]);
		for (int step = 0; step < 3; step++) {
			ovl_tree *without = board();
			char *text;

			there[orders[order][step]] = 0;
			ok0(ovl_overlay_remove(tree, ids[orders[order][step]], 0));
			for (int i = 0; i < 3; i++)
				if (there[i])
					apply(without, overlays[i]);
			/* But for the phandles: each overlay's lie behind those of the ones before it. */
			ovl_tree_diff(without, tree, 0, &text);
			for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
				ok_contains(line, ": phandle = ");
			ovl_free(text);
			close_tree(without);
		}
		close_tree(tree);
	}
}

TEST("O14 O16 the order of properties, too, is that of the overlays that stay")
{
	static const char *const sources[3] = {
		"/dts-v1/; /plugin/; &i2c { p = <1>; q = <1>; r = <1>; };",
		"/dts-v1/; /plugin/; &i2c { r = <2>; q = <2>; own; p = <2>; };",
		"/dts-v1/; /plugin/; &i2c { q = <3>; late; };",
	};

	for (int gone = 0; gone < 3; gone++) {
		ovl_tree *tree = board(), *without = board();
		int ids[3];

		for (int i = 0; i < 3; i++) {
			const struct blob *overlay = compile(sources[i], "-@");

			ids[i] = apply(tree, overlay);
			if (i != gone)
				apply(without, overlay);
		}
		ok0(ovl_overlay_remove(tree, ids[gone], 0));
		ok_same(tree, flatten(without));
		close_tree(without);
		close_tree(tree);
	}
}

TEST("O14 O16 a /__symbols__ that overlays needed is where those that stay would have put it")
{
	struct blob *base = TREE("/ { a { }; };"), *one = OVERLAY("&{/} { one: b { }; };");
	struct blob *plain = OVERLAY("&{/} { c { }; };"), *two = OVERLAY("&{/} { two: d { }; };");
	ovl_tree *tree = tree_of(base), *without = tree_of(base);
	int first = apply(tree, one);

	apply(tree, plain);
	apply(tree, two);
	ok0(ovl_overlay_remove(tree, first, 0));
	apply(without, plain);
	int last = apply(without, two);
	char *text;
	ok(ovl_tree_diff(without, tree, 0, &text) >= 0);
	/* The phandles lie behind those of the overlay that was there. */
	ok(!strstr(text, "order of"));
	ovl_free(text);
	ok0(ovl_overlay_remove(without, last, 0));
	ok(!is_there(without, "/__symbols__"));
	close_tree(without);
	close_tree(tree);
}

TEST("O10 O16 two overlays that give a bus its cells: they stay as long as either does")
{
	struct blob *base = TREE("/ { bus { }; };");
	struct blob *one = OVERLAY("&{/bus} { #address-cells = <1>; #size-cells = <0>; dev@1 { }; };");
	/* The second fragment of the same overlay says it again. */
	struct blob *two = OVERLAY("&{/bus} { #address-cells = <1>; #size-cells = <0>; dev@2 { }; };"
				   "&{/bus} { #address-cells = <1>; #size-cells = <0>; dev@3 { }; };");
	ovl_tree *tree = tree_of(base), *without = tree_of(base);
	struct blob *before = flatten(tree);
	int first = apply(tree, one), second = apply(tree, two), id;

	ok_int(apply_with(tree, OVERLAY("&{/bus} { #size-cells = <1>; };"), 0, NULL, &id), -EINVAL);
	ok0(ovl_overlay_remove(tree, first, 0));
	ok_int(cell(tree, "/bus", "#address-cells"), 1);
	ok_int(cell(tree, "/bus", "#size-cells"), 0);
	first = apply(tree, one);
	ok0(ovl_overlay_remove(tree, second, 0));
	apply(without, one);
	ok_same(tree, flatten(without));
	ok0(ovl_overlay_remove(tree, first, 0));
	ok_same(tree, before);
	close_tree(without);
	close_tree(tree);
}

TEST("O14 what was applied by other rules is removed as exactly")
{
	const struct blob *overlays[] = {
		load("sensor.dtbo"),
		OVERLAY("&{/} { x { v = <1>; y { }; }; }; &{/} { x { v = <2>; y { z; }; }; };"),
		OVERLAY("&i2c { v = <1>; reg = <1>; }; &{/soc/i2c@b000} { v = <2>; reg = <2>; };"),
		OVERLAY("&{/} { clk: other { }; }; &i2c { #address-cells = <3>; };"),
		BY_HAND("f { target-path = \"/soc\"; __overlay__ { phandle = <1>; name = \"x\"; i2c@b000 { phandle = <2>; }; }; };"),
	};
	static const uint32_t modes[] = {OVL_APPLY_LIBFDT, OVL_APPLY_LINUX};
	int applied[2] = {0, 0};

	for (int mode = 0; mode < 2; mode++) {
		for (size_t i = 0; i < sizeof(overlays) / sizeof(overlays[0]); i++) {
			ovl_tree *tree = board();
			struct blob *before = flatten(tree);
			int id;

			if (!apply_with(tree, overlays[i], modes[mode], NULL, &id)) {
				applied[mode]++;
				ok0(ovl_overlay_remove(tree, id, 0));
				ok0(ovl_tree_wait_released(tree, id, 0));
			}
			ok_same(tree, before);
			close_tree(tree);
		}
	}
	ok_int(applied[0], 5);
	ok_int(applied[1], 1);
}

TEST("O14 an id that is not applied")
{
	ovl_tree *tree = board(), *other = board();
	char sentence[64];
	int id = apply(tree, load("sensor.dtbo"));

	snprintf(sentence, sizeof(sentence), "no overlay %d is applied", id);
	ok_error(ovl_overlay_remove(other, id, 0), -ENOENT, sentence);
	ok0(ovl_overlay_remove(tree, id, 0));
	ok_error(ovl_overlay_remove(tree, id, 0), -ENOENT, sentence);
	ok_error(ovl_overlay_remove(tree, id, OVL_REMOVE_LINUX), -ENODEV, sentence);
	ok_int(ovl_overlay_remove(tree, 0, 0), -ENOENT);
	ok_int(ovl_overlay_remove(tree, -1, 0), -ENOENT);
	ok_int(ovl_overlay_remove(tree, id, 2), -EINVAL);
	close_tree(other);
	close_tree(tree);
}

TEST("O15 in LINUX mode -EBUSY where a later overlay touches the same, above or below")
{
	static const struct {
		const char *later, *where;
	} cases[] = {
		{"/soc/i2c@b000", "/soc/i2c@b000"},
		{"/soc", "/soc"},
		{"/soc/i2c@b000/dev@1", "/soc/i2c@b000/dev@1"},
	};

	for (int i = 0; i < 3; i++) {
		ovl_tree *tree = board();
		char source[256];
		int first = apply_as(tree, OVERLAY("&{/soc/i2c@b000} { a; dev@1 { }; };"), "first"), second;

		snprintf(source, sizeof(source), "/dts-v1/; /plugin/; &{%s} { b; };", cases[i].later);
		second = apply_as(tree, compile(source, "-@"), "second");
		ok_int(ovl_overlay_remove(tree, first, OVL_REMOVE_LINUX), -EBUSY);
		snprintf(source, sizeof(source), "overlay %d (first) cannot be removed: overlay %d (second) is on top of it at ",
			 first, second);
		ok_contains(ovl_last_error(), source);
		ok0(ovl_overlay_remove(tree, second, OVL_REMOVE_LINUX));
		ok0(ovl_overlay_remove(tree, first, OVL_REMOVE_LINUX));
		close_tree(tree);
	}
}

TEST("O15 O16 /__symbols__ is a conflict in LINUX mode and none in the normal one")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int first = apply(tree, OVERLAY("&uart0 { one: a { }; };"));
	int second = apply(tree, OVERLAY("&uart1 { two: b { }; };"));

	refused(tree, first, OVL_REMOVE_LINUX,
		"overlay %d cannot be removed: overlay %d is on top of it at /__symbols__", first, second);
	ok0(ovl_overlay_remove(tree, first, 0));
	ok_errno(ovl_node_by_label(tree, "one"), ENOENT);
	ovl_node *two = ovl_node_by_label(tree, "two");
	ok(two);
	ovl_node_put(two);
	ok0(ovl_overlay_remove(tree, second, OVL_REMOVE_LINUX));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O16 -EBUSY where a later overlay added a node inside")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int first = apply_as(tree, load("sensor.dtbo"), "sensor.dtbo");
	int second = apply_as(tree, OVERLAY("&channel { tap { }; };"), "tap.dtbo");

	refused(tree, first, 0, "overlay %d (sensor.dtbo) cannot be removed: overlay %d (tap.dtbo) has added "
		"/soc/i2c@b000/sensor@10/channel@0/tap", first, second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok0(ovl_overlay_remove(tree, first, 0));
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O16 -EBUSY where a later overlay set a property inside")
{
	ovl_tree *tree = board();
	int first = apply(tree, load("sensor.dtbo")), second = apply(tree, OVERLAY("&sensor { reg = <0x12>; };"));

	refused(tree, first, 0, "overlay %d cannot be removed: overlay %d has set properties of /soc/i2c@b000/sensor@10",
		first, second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok0(ovl_overlay_remove(tree, first, 0));
	close_tree(tree);
}

TEST("O16 -EBUSY where a later overlay refers to one of its phandles")
{
	ovl_tree *tree = board();
	int first = apply(tree, load("sensor.dtbo")), second = apply(tree, OVERLAY("&uart0 { ref = <&sensor>; };"));

	refused(tree, first, 0, "overlay %d cannot be removed: overlay %d refers to /soc/i2c@b000/sensor@10",
		first, second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok0(ovl_overlay_remove(tree, first, 0));

	/* Also to one that it gave to a node of the base. */
	first = apply(tree, OVERLAY("&uart0 { ref = <&plain>; };"));
	second = apply(tree, OVERLAY("&uart1 { ref = <&plain>; };"));
	refused(tree, first, 0, "overlay %d cannot be removed: overlay %d refers to /plain", first, second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok0(ovl_overlay_remove(tree, first, 0));
	close_tree(tree);
}

TEST("O16 -EBUSY where a later overlay has the same node, with nothing new in it")
{
	ovl_tree *tree = board();
	struct blob *overlay = OVERLAY("&uart0 { gps { }; };");
	int first = apply(tree, overlay), second = apply(tree, overlay);

	refused(tree, first, 0, "overlay %d cannot be removed: overlay %d stands on /soc/serial@9000/gps", first, second);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok0(ovl_overlay_remove(tree, first, 0));
	close_tree(tree);
}

TEST("O16 several overlays on one property are a stack: taking out a lower one leaves the top in force")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int ids[4];

	for (int i = 0; i < 4; i++) {
		char source[128];

		snprintf(source, sizeof(source), "/dts-v1/; /plugin/; &i2c { clock-frequency = <%d>; };", i + 1);
		ids[i] = apply(tree, compile(source, "-@"));
	}
	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 4);
	ok0(ovl_overlay_remove(tree, ids[1], 0));
	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 4);
	ok0(ovl_overlay_remove(tree, ids[3], 0));
	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 3);
	ok0(ovl_overlay_remove(tree, ids[0], 0));
	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 3);
	ok0(ovl_overlay_remove(tree, ids[2], 0));
	ok_int(cell(tree, "/soc/i2c", "clock-frequency"), 100000);
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O16 a stack on a property that the base does not have")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);
	int first = apply(tree, OVERLAY("&i2c { speed = <1>; };"));
	int second = apply(tree, OVERLAY("&i2c { speed = <2>; };"));

	ok0(ovl_overlay_remove(tree, first, 0));
	ok_int(cell(tree, "/soc/i2c", "speed"), 2);
	ok0(ovl_overlay_remove(tree, second, 0));
	ok_int(cell(tree, "/soc/i2c", "speed"), ~0u);
	ok_same(tree, before);
	close_tree(tree);
}

TEST("O14 all overlays at once, whatever stands on what")
{
	ovl_tree *tree = board();
	struct blob *before = flatten(tree);

	ok0(ovl_overlay_remove_all(tree));
	apply(tree, load("sensor.dtbo"));
	apply(tree, OVERLAY("&channel { tap: tap { ref = <&sensor>; }; };"));
	apply(tree, OVERLAY("&tap { ref = <&plain>; }; &i2c { clock-frequency = <7>; };"));
	ok0(ovl_overlay_remove_all(tree));
	ok_int(ovl_overlay_next(tree, 0), 0);
	ok_same(tree, before);
	ok0(ovl_tree_wait_released(tree, 0, 0));
	close_tree(tree);
}

TEST("O14 the overlays of a tree can be listed, by the names that they were given")
{
	ovl_tree *tree = board();
	int a = apply_as(tree, OVERLAY("&uart0 { a { }; };"), "a.dtbo");
	int b = apply_as(tree, OVERLAY("&uart0 { b { }; };"), NULL);
	int c = apply_as(tree, OVERLAY("&uart0 { c { }; };"), "c.dtbo");
	char buf[8] = "same", sentence[64];

	ok_int(ovl_overlay_next(tree, 0), a);
	ok_int(ovl_overlay_next(tree, a), b);
	ok_int(ovl_overlay_next(tree, b), c);
	ok_int(ovl_overlay_next(tree, c), 0);
	ok_int(ovl_overlay_name(tree, a, NULL, 0), 6);
	ok_int(ovl_overlay_name(tree, a, buf, 6), -ERANGE);
	ok_str(buf, "same");
	ok_int(ovl_overlay_name(tree, a, buf, 7), 6);
	ok_str(buf, "a.dtbo");
	ok_int(ovl_overlay_name(tree, b, buf, sizeof(buf)), 0);
	ok_str(buf, "");

	ok0(ovl_overlay_remove(tree, b, 0));
	ok_int(ovl_overlay_next(tree, a), c);
	/* The id need not be there any more. */
	ok_int(ovl_overlay_next(tree, b), c);
	snprintf(sentence, sizeof(sentence), "no overlay %d is applied", b);
	ok_error(ovl_overlay_name(tree, b, buf, sizeof(buf)), -ENOENT, sentence);
	close_tree(tree);
}
