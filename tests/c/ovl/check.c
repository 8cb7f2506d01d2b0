/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The check of a blob, before anything of it is visible: what is refused, with which words, and what is not. */
#include "fixtures.h"

static uint32_t word(const struct blob *blob, size_t at)
{
	const unsigned char *byte = (const unsigned char *)blob->data + at;

	return (uint32_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
}

static void put_word(struct blob *blob, size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		blob->data[at + i] = value >> (24 - 8 * i);
}

static struct blob *copy(const struct blob *blob)
{
	return copy_blob(blob->data, blob->size);
}

static void refused(const struct blob *blob, const char *sentence)
{
	ok_error(ovl_fdt_check(blob->data, blob->size), -EINVAL, sentence);
	ok_none(ovl_tree_from_fdt(blob->data, blob->size, 0), EINVAL, sentence);
}

TEST("O1 versions 17 and 16 are accepted, and what is behind the blob is nobody's business")
{
	struct blob *new = load("board.dtb"), *old = copy(new);
	char *roomy = calloc(1, new->size + 100);

	ok0(ovl_fdt_check(new->data, new->size));
	put_word(old, 20, 16);
	put_word(old, 24, 16);
	/* Version 16 has no size of the structure block. */
	put_word(old, 36, 0xffffffff);
	ok0(ovl_fdt_check(old->data, old->size));
	memcpy(roomy, new->data, new->size);
	ok0(ovl_fdt_check(roomy, new->size + 100));
	free(roomy);

	ovl_tree *a = tree_of(new), *b = tree_of(old);
	ok_same(a, flatten(b));
	close_tree(a);
	close_tree(b);
}

TEST("O1 a broken header is refused with the check and its offset")
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *sentence;
	} cases[] = {
		{0, 0xd00dfeec, "no magic number 0xd00dfeed at offset 0x0"},
		{4, 39, "total size smaller than the header at offset 0x4"},
		{4, 0x7fffffff, "total size larger than the buffer at offset 0x4"},
		{8, 58, "structure block misplaced or not aligned to 4 at offset 0x8"},
		{8, 0xfffffffc, "structure block misplaced or not aligned to 4 at offset 0x8"},
		{12, 0x7fffffff, "strings block misplaced at offset 0xc"},
		{16, 44, "reservation block misplaced or not aligned to 8 at offset 0x10"},
		{20, 15, "version below 16, or lower than the one it says to be compatible with at offset 0x14"},
		{32, 0x7fffffff, "strings block longer than the blob at offset 0x20"},
		{36, 0x7fffffff, "structure block longer than the blob at offset 0x24"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct blob *bad = copy(load("board.dtb"));
		char sentence[256];

		put_word(bad, cases[i].at, cases[i].value);
		snprintf(sentence, sizeof(sentence), "malformed devicetree blob: %s", cases[i].sentence);
		refused(bad, sentence);
	}
	struct blob *future = copy(load("board.dtb"));
	put_word(future, 20, 18);
	put_word(future, 24, 18);
	refused(future, "malformed devicetree blob: compatible with versions above 17 only at offset 0x18");
}

TEST("O1 broken tokens are refused with the check and its offset")
{
	static const struct {
		int from_end;
		uint32_t token;
		const char *sentence;
	} cases[] = {
		{0, 7, "unknown token"},
		{0, 2, "end of a node that was not begun"},
		{0, 3, "property outside of a node or behind its children"},
		{0, 9, "end token inside of a node"},
		{4, 1, "second root node"},
		{4, 4, "structure block ends without its end token"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct blob *bad = copy(load("board.dtb"));
		size_t at = word(bad, 8) + (cases[i].from_end ? word(bad, 36) - cases[i].from_end : 0);
		char sentence[256];

		put_word(bad, at, cases[i].token);
		/* Where the end is missing, the offset is behind the last token. */
		snprintf(sentence, sizeof(sentence), "malformed devicetree blob: %s at offset %#zx", cases[i].sentence,
			 at + (cases[i].token == 4 ? 4 : 0));
		refused(bad, sentence);
	}
}

TEST("O1 a blob that is cut anywhere is refused")
{
	const struct blob *whole = load("board.dtb");

	for (size_t size = 0; size < whole->size; size++) {
		/* Of just this size, so that a tool sees who reads on. */
		char *cut = malloc(size ? size : 1);

		memcpy(cut, whole->data, size);
		ok_int(ovl_fdt_check(cut, size), -EINVAL);
		free(cut);
	}
}

TEST("O1 whatever byte is wrong, a blob is refused or read, and nothing else happens")
{
	struct blob *blob = load("board.dtb");
	int refusals = 0;

	for (size_t at = 0; at < blob->size; at++) {
		char right = blob->data[at];

		blob->data[at] = ~right;
		ovl_tree *tree = ovl_tree_from_fdt(blob->data, blob->size, 0);
		if (tree) {
			close_tree(tree);
		} else {
			ok_int(errno, EINVAL);
			refusals++;
		}
		blob->data[at] = right;
	}
	ok(refusals > 100);
}

/* A tree with so many nodes inside of each other, the root among them. */
static struct blob *nested(int depth)
{
	char source[4096] = "/dts-v1/; / {";

	for (int i = 1; i < depth; i++)
		strcat(source, " n {");
	for (int i = 1; i < depth; i++)
		strcat(source, " };");
	return compile(strcat(source, " };"), "");
}

TEST("O2 64 levels of nodes are accepted, one more is an error")
{
	struct blob *deep = nested(64), *deeper = nested(65);

	ok0(ovl_fdt_check(deep->data, deep->size));
	close_tree(tree_of(deep));
	ok_int(ovl_fdt_check(deeper->data, deeper->size), -EINVAL);
	ok_contains(ovl_last_error(), "malformed devicetree blob: nodes nested deeper than 64 at offset 0x");
}
