// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Compares a libovl tree with a blob, node by node, as libfdt reads the blob.

#ifndef TESTS_CORPUS_WALK_H
#define TESTS_CORPUS_WALK_H

#include <libfdt.h>
#include <limits.h>

#include "oracle.h"

// fdtoverlay puts what it adds in front, libovl behind: with overlays the order of siblings is not compared.
enum order { IN_ORDER, ANY_ORDER };

enum { MAX_DEPTH = 64 };

// Where the walk is: at each depth the node of ours and the end of its path.
struct walk {
    ovl_tree *tree;
    const void *fdt;
    enum order order;
    ovl_node *nodes[MAX_DEPTH];
    size_t ends[MAX_DEPTH];
    char path[PATH_MAX];
    struct count count;
};

static bool same_value(struct walk *walk, ovl_prop *prop, const char *name, const void *value, int len)
{
    size_t have_len;
    const void *have = ovl_prop_data(prop, &have_len);
    return (!strcmp(ovl_prop_name(prop), name) && have_len == (size_t)len && (!len || !memcmp(have, value, have_len))) ||
           fail("%s: property %s (%d bytes) is %s (%zu bytes), or of other content", walk->path, name, len,
                ovl_prop_name(prop), have_len);
}

static bool same_props(struct walk *walk, ovl_node *node, int offset)
{
    ovl_prop *prop = NULL;
    bool same = true;
    int at;

    fdt_for_each_property_offset(at, walk->fdt, offset) {
        const char *name;
        int len;
        const void *value = fdt_getprop_by_offset(walk->fdt, at, &name, &len);
        if (walk->order == IN_ORDER) {
            prop = ovl_node_next_prop(node, prop);
        } else {
            ovl_prop_put(prop);
            prop = ovl_node_prop(node, name);
        }
        same = prop ? same_value(walk, prop, name, value, len) : fail("%s: no property %s", walk->path, name);
        if (!same)
            break;
        walk->count.props++;
    }
    ovl_prop_put(prop);
    return same;
}

// The look-ups lead to this very node.
static bool is_found(struct walk *walk, ovl_node *node, int offset)
{
    char path[PATH_MAX];
    if (ovl_node_path(node, path, sizeof path) < 0 || strcmp(path, walk->path))
        return fail("%s says that its path is %s", walk->path, path);
    ovl_node *found = ovl_node_by_path(walk->tree, walk->path);
    ovl_node_put(found);
    if (found != node)
        return fail("%s is not found by its path", walk->path);

    uint32_t phandle = fdt_get_phandle(walk->fdt, offset);
    if (ovl_node_phandle(node) != phandle)
        return fail("%s has phandle %u, not %u", walk->path, ovl_node_phandle(node), phandle);
    if (phandle) {
        found = ovl_node_by_phandle(walk->tree, phandle);
        ovl_node_put(found);
        if (found != node)
            return fail("%s is not found by its phandle %u", walk->path, phandle);
    }
    return true;
}

// Our node for the next of libfdt's, in place of the one that the walk had at this depth.
static bool step(struct walk *walk, int depth, const char *name, bool first)
{
    if (depth >= MAX_DEPTH)
        return fail("%s: deeper than this test can follow", walk->path);
    ovl_node *before = walk->nodes[depth], *node;
    if (depth == 0)
        node = ovl_tree_root(walk->tree);
    else if (walk->order == ANY_ORDER)
        node = ovl_node_child(walk->nodes[depth - 1], name);
    else
        node = first ? ovl_node_first_child(walk->nodes[depth - 1]) : ovl_node_next_sibling(before);
    ovl_node_put(before);
    walk->nodes[depth] = node;

    // The root's path has no end of its own: "/" and then "/child".
    size_t end = depth > 1 ? walk->ends[depth - 1] : 0;
    int len = snprintf(walk->path + end, sizeof walk->path - end, "/%s", name);
    walk->ends[depth] = end + (size_t)len;
    if (walk->ends[depth] >= sizeof walk->path)
        return fail("%s: longer than PATH_MAX", walk->path);
    if (!node)
        return fail("%s: there is no such node", walk->path);
    return !strcmp(ovl_node_name(node), name) || fail("%s is called %s", walk->path, ovl_node_name(node));
}

// Everything that libfdt finds in the blob is in the tree, and the tree has no more than that.
static bool same_tree(ovl_tree *tree, const void *fdt, enum order order, struct count *count)
{
    struct walk walk = { .tree = tree, .fdt = fdt, .order = order };
    int depth = 0, above = -1;
    bool same = true;

    for (int offset = 0; same && offset >= 0 && depth >= 0; offset = fdt_next_node(fdt, offset, &depth)) {
        same = step(&walk, depth, fdt_get_name(fdt, offset, NULL), depth > above) &&
               same_props(&walk, walk.nodes[depth], offset) && is_found(&walk, walk.nodes[depth], offset);
        walk.count.nodes++;
        above = depth;
    }
    for (int i = 0; i < MAX_DEPTH; i++)
        ovl_node_put(walk.nodes[i]);
    if (!same)
        return false;
    *count = count_tree(tree, "");
    return (count->nodes == walk.count.nodes && count->props == walk.count.props) ||
           fail("%u nodes and %u properties, where libfdt sees %u and %u", count->nodes, count->props, walk.count.nodes,
                walk.count.props);
}

#endif
