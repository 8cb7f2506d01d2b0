// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Applies every overlay to every base, each alone and then all of them in a row, with libovl in its LIBFDT mode and with
// libfdt's fdt_overlay_apply(), which is all that fdtoverlay does. Both have to accept the same and make the same tree of it;
// what libovl applied it has to take out again to the byte, and what it refused must have left no trace: O12, O14.
//
//     overlays OVERLAY.dtbo… -- BASE.dtb…
//
// Prints a line for every pair that both accept, for every difference, and how many pairs there were.

#include "merge.h"
#include "walk.h"

static bool same_bytes(ovl_tree *tree, const struct blob *before, const char *after)
{
    struct blob now = flatten(tree);
    bool same = same_blob(before, &now) || fail("another blob after %s", after);
    ovl_free(now.data);
    return same;
}

// The tree is libfdt's, and so is what is written of it.
static bool same_merge(ovl_tree *tree, const struct blob *merged)
{
    struct count count;
    if (!same_tree(tree, merged->data, ANY_ORDER, &count))
        return false;
    struct blob out = flatten(tree);
    int error = fdt_check_full(out.data, out.size);
    bool same = error ? fail("libfdt refuses what was written: %s", fdt_strerror(error))
                      : same_tree(tree, out.data, IN_ORDER, &count);
    ovl_free(out.data);
    return same;
}

static int apply(ovl_tree *tree, const struct blob *overlay, int *id)
{
    const struct ovl_apply_options options = { .size = sizeof options, .flags = OVL_APPLY_LIBFDT };
    return ovl_overlay_apply(tree, overlay->data, overlay->size, &options, id);
}

// One overlay on one base, and out again. `before` is what the tree writes without it.
static bool agree(ovl_tree *tree, const struct blob *before, const struct blob *overlay, const struct blob *merged, int error)
{
    int id, ret = apply(tree, overlay, &id);
    if (ret && !error)
        return fail("libfdt accepts, libovl refuses: %s", ovl_last_error());
    if (ret)
        return same_bytes(tree, before, "a refusal");
    if (error)
        fail("libfdt refuses (%s), libovl accepts", fdt_strerror(error));
    bool same = !error && same_merge(tree, merged);
    if (ovl_overlay_remove(tree, id, 0))
        return fail("it does not come out again: %s", ovl_last_error());
    return same && same_bytes(tree, before, "removal");
}

// All overlays that libfdt accepts in a row, on one base.
static bool agree_in_a_row(ovl_tree *tree, const struct blob *base, const struct blob *before, const struct blob *overlays, int n)
{
    struct blob all = { malloc(base->size), base->size };
    memcpy(all.data, base->data, base->size);
    bool same = true;
    int id;

    for (int i = 0; same && i < n; i++) {
        int error;
        struct blob merged = merge(&all, &overlays[i], &error);
        if (error) {
            free(merged.data);
            continue;
        }
        free(all.data);
        all = merged;
        same = !apply(tree, &overlays[i], &id) || fail("libovl refuses in a row: %s", ovl_last_error());
    }
    same = same && same_merge(tree, &all);
    free(all.data);
    if (ovl_overlay_remove_all(tree))
        return fail("they do not come out again: %s", ovl_last_error());
    return same && same_bytes(tree, before, "removal of all");
}

int main(int argc, char **argv)
{
    // Several of these write into one log.
    setvbuf(stdout, NULL, _IOLBF, 0);
    int n = 0, pairs = 0, differences = 0;
    struct blob *overlays = calloc((size_t)argc, sizeof *overlays);

    while (n + 1 < argc && strcmp(argv[n + 1], "--")) {
        overlays[n] = read_file(argv[n + 1]);
        n++;
    }
    for (int b = n + 2; b < argc; b++) {
        struct blob base = read_file(argv[b]);
        ovl_tree *tree = ovl_tree_from_fdt(base.data, base.size, 0);
        if (!tree)
            die(ovl_last_error());
        struct blob before = flatten(tree);
        int accepted = 0;
        for (int i = 0; i < n; i++, pairs++) {
            int error;
            struct blob merged = merge(&base, &overlays[i], &error);
            accepted += !error;
            if (!agree(tree, &before, &overlays[i], &merged, error)) {
                printf("not ok %s + %s: %s\n", argv[b], argv[i + 1], failure);
                differences++;
            } else if (!error) {
                printf("ok %s + %s\n", argv[b], argv[i + 1]);
            }
            free(merged.data);
        }
        if (accepted > 1 && !agree_in_a_row(tree, &base, &before, overlays, n)) {
            printf("not ok %s + all: %s\n", argv[b], failure);
            differences++;
        }
        ovl_free(before.data);
        ovl_tree_put(tree);
        free(base.data);
    }
    printf("# %d pairs, %d differences\n", pairs, differences);
    while (n--)
        free(overlays[n].data);
    free(overlays);
    return differences ? 1 : 0;
}
