// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Reads every blob given, writes it again, and walks the tree and what was written in lock step with libfdt: O1, O3, O4.
// Prints a line for every file that is not equal, and at the end how many were.
//
//     lockstep FILE.dtb…

#include "walk.h"

static bool same_reservations(const void *a, const void *b)
{
    int n = fdt_num_mem_rsv(a);
    if (n != fdt_num_mem_rsv(b))
        return fail("%d reservations became %d", n, fdt_num_mem_rsv(b));
    for (int i = 0; i < n; i++) {
        uint64_t address[2], size[2];
        if (fdt_get_mem_rsv(a, i, &address[0], &size[0]) || fdt_get_mem_rsv(b, i, &address[1], &size[1]) ||
            address[0] != address[1] || size[0] != size[1])
            return fail("reservation %d is another", i);
    }
    return true;
}

static bool same_header(const void *in, const struct blob *out)
{
    int error = fdt_check_full(out->data, out->size);
    if (error)
        return fail("libfdt refuses what was written: %s", fdt_strerror(error));
    if (fdt_totalsize(out->data) != out->size || fdt_version(out->data) != 17)
        return fail("totalsize %u of %zu, version %u", fdt_totalsize(out->data), out->size, fdt_version(out->data));
    if (fdt_boot_cpuid_phys(in) != fdt_boot_cpuid_phys(out->data))
        return fail("boot cpu %u became %u", fdt_boot_cpuid_phys(in), fdt_boot_cpuid_phys(out->data));
    return same_reservations(in, out->data);
}

// Each property of /aliases or /__symbols__ leads where its value says, if libfdt finds a node there.
static bool same_names(ovl_tree *tree, const void *fdt, const char *list, ovl_node *(*look_up)(ovl_tree *, const char *))
{
    int at;
    fdt_for_each_property_offset(at, fdt, fdt_path_offset(fdt, list)) {
        const char *name;
        const char *path = fdt_getprop_by_offset(fdt, at, &name, NULL);
        // U-Boot's and some boards' own properties are no names.
        if (*path != '/')
            continue;
        char found[PATH_MAX] = "nothing";
        ovl_node *node = look_up(tree, name);
        if (node)
            ovl_node_path(node, found, sizeof found);
        ovl_node_put(node);
        if (strcmp(found, fdt_path_offset(fdt, path) < 0 ? "nothing" : path))
            return fail("%s/%s leads to %s, not to %s", list, name, found, path);
    }
    return true;
}

// What was written reads as the same tree, and is written the same again.
static bool same_again(const struct blob *out)
{
    struct count count;
    ovl_tree *tree = ovl_tree_from_fdt(out->data, out->size, 0);
    if (!tree)
        return fail("refused what it wrote: %s", ovl_last_error());
    struct blob again = flatten(tree);
    bool same = same_tree(tree, out->data, IN_ORDER, &count) &&
                (same_blob(out, &again) || fail("what was written is written differently"));
    ovl_free(again.data);
    ovl_tree_put(tree);
    return same;
}

static bool equal(const struct blob *in, struct count *count)
{
    if (ovl_fdt_check(in->data, in->size))
        return fail("refused by the check: %s", ovl_last_error());
    ovl_tree *tree = ovl_tree_from_fdt(in->data, in->size, 0);
    if (!tree)
        return fail("refused: %s", ovl_last_error());
    struct blob out = flatten(tree);
    bool same = same_header(in->data, &out) && same_tree(tree, in->data, IN_ORDER, count) &&
                same_tree(tree, out.data, IN_ORDER, count) && same_names(tree, in->data, "/aliases", ovl_node_by_path) &&
                same_names(tree, in->data, "/__symbols__", ovl_node_by_label) && same_again(&out);
    ovl_free(out.data);
    ovl_tree_put(tree);
    return same;
}

int main(int argc, char **argv)
{
    // Several of these write into one log.
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct count sum = { 0, 0 };
    int good = 0;

    for (int i = 1; i < argc; i++) {
        struct count count;
        struct blob in = read_file(argv[i]);
        if (equal(&in, &count)) {
            good++;
            sum.nodes += count.nodes;
            sum.props += count.props;
        } else {
            printf("not ok %s: %s\n", argv[i], failure);
        }
        free(in.data);
    }
    printf("# %d of %d equal, %u nodes, %u properties\n", good, argc - 1, sum.nodes, sum.props);
    return good == argc - 1 ? 0 : 1;
}
