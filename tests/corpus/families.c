// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Makes overlays of the differences between boards of one family (one folder, one first word), and applies them, with libovl
// and with libfdt: what comes out has everything that the other board has, and what it has beyond that is what an overlay
// cannot take away: O26.
//
//     families BOARD.dtb…
//
// Each is compared with its neighbour in the list, in both directions. Prints a line for every difference, and how many pairs
// there were.

#include <limits.h>

#include "merge.h"

// An overlay did it; none can do it; libfdt has mistaken a node for another.
enum { MADE, REFUSED, MISTAKEN };
enum { NEUTRAL = OVL_DIFF_ANY_ORDER | OVL_DIFF_ANY_PHANDLES };

static bool same_family(const char *a, const char *b)
{
    const char *name = strrchr(a, '/');
    size_t length = strcspn(name ? name : a, "-") + (size_t)(name ? name - a : 0);
    return !strncmp(a, b, length) && b[length] == a[length];
}

// Nothing of `b` is missing in `made`. How many things `made` has beyond `b`, or -1.
static int beyond(ovl_tree *made, ovl_tree *b, const char *by)
{
    char *text;
    int lines = ovl_tree_diff(made, b, NEUTRAL, &text);
    if (lines < 0)
        die(ovl_last_error());
    const char *wrong = *text == '+' ? text : strstr(text, "\n+");
    if (wrong) {
        wrong += *wrong == '\n';
        fail("%s: %.*s", by, (int)strcspn(wrong, "\n"), wrong);
    }
    ovl_free(text);
    return wrong ? -1 : lines;
}

static ovl_tree *tree_of(const struct blob *blob)
{
    ovl_tree *tree = ovl_tree_from_fdt(blob->data, blob->size, 0);
    if (!tree)
        die(ovl_last_error());
    return tree;
}

// Whether `node` or one below it has a name without address that some child of the same place in `in` has with one.
static bool has_alike(ovl_node *node, ovl_tree *in)
{
    char path[PATH_MAX];
    ovl_node_path(node, path, sizeof path);
    ovl_node *there = ovl_node_by_path(in, path);
    bool found = false;

    for (ovl_node *child = ovl_node_first_child(node); child; ) {
        const char *name = ovl_node_name(child);
        size_t length = strlen(name);
        for (ovl_node *other = there ? ovl_node_first_child(there) : NULL; other; ) {
            const char *of_other = ovl_node_name(other);
            found |= !strncmp(name, of_other, length) && of_other[length] == '@';
            ovl_node *next = ovl_node_next_sibling(other);
            ovl_node_put(other);
            other = next;
        }
        found = found || has_alike(child, in);
        ovl_node *next = ovl_node_next_sibling(child);
        ovl_node_put(child);
        child = next;
    }
    ovl_node_put(there);
    return found;
}

static bool may_mistake(ovl_tree *a, ovl_tree *b)
{
    ovl_node *of_a = ovl_tree_root(a), *of_b = ovl_tree_root(b);
    bool may = has_alike(of_a, a) || has_alike(of_b, a) || has_alike(of_b, b);
    ovl_node_put(of_a);
    ovl_node_put(of_b);
    return may;
}

// The overlay from one board to the other, or why it is not as it should be (-1).
static int agree(const struct blob *blob_a, ovl_tree *b)
{
    ovl_tree *a = tree_of(blob_a);
    struct blob overlay, strict;
    int result = -1, id, error;

    if (ovl_tree_diff_overlay(a, b, OVL_DIFF_OVERLAY_KEEP, &overlay.data, &overlay.size)) {
        result = strstr(ovl_last_error(), "the second tree lacks") ? -1 : REFUSED;
        if (result < 0)
            fail("refused to keep: %s", ovl_last_error());
        ovl_tree_put(a);
        return result;
    }
    struct blob merged = merge(blob_a, &overlay, &error);
    if (error) {
        fail("libfdt refuses: %s", fdt_strerror(error));
    } else if (ovl_overlay_apply(a, overlay.data, overlay.size, NULL, &id)) {
        fail("libovl refuses: %s", ovl_last_error());
    } else {
        ovl_tree *by_libfdt = tree_of(&merged);
        int left = beyond(a, b, "libovl");
        ovl_overlay_remove(a, id, 0);
        if (left >= 0 && beyond(by_libfdt, b, "libfdt") == left)
            result = MADE;
        else if (left >= 0 && may_mistake(a, b))
            result = MISTAKEN;
        ovl_tree_put(by_libfdt);
        // Without leave to keep anything it is refused exactly where something is left.
        bool refused = ovl_tree_diff_overlay(a, b, 0, &strict.data, &strict.size);
        if (!refused)
            ovl_free(strict.data);
        if (result >= 0 && refused != (left > 0)) {
            fail("%d things are left, and it is %s", left, refused ? "refused" : "not refused");
            result = -1;
        }
    }
    free(merged.data);
    ovl_free(overlay.data);
    ovl_tree_put(a);
    return result;
}

int main(int argc, char **argv)
{
    // Several of these write into one log.
    setvbuf(stdout, NULL, _IOLBF, 0);
    int pairs = 0, refused = 0, mistaken = 0, differences = 0;

    for (int i = 1; i + 1 < argc; i++) {
        if (!same_family(argv[i], argv[i + 1]))
            continue;
        for (int back = 0; back < 2; back++, pairs++) {
            const char *from = argv[i + back], *to = argv[i + !back];
            struct blob a = read_file(from), blob_b = read_file(to);
            ovl_tree *b = tree_of(&blob_b);
            int result = agree(&a, b);
            refused += result == REFUSED;
            mistaken += result == MISTAKEN;
            if (result < 0) {
                printf("not ok %s -> %s: %s\n", from, to, failure);
                differences++;
            }
            ovl_tree_put(b);
            free(blob_b.data);
            free(a.data);
        }
    }
    printf("# %d pairs, %d refused, %d mistaken, %d differences\n", pairs, refused, mistaken, differences);
    return differences ? 1 : 0;
}
