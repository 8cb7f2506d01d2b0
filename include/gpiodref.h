/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libgpiodref: GPIO lines that several components share, on chips that may go away at any moment.
 *
 * Conventions, common to all functions:
 *
 * - An int result is 0 (or a count or a value, where the function says so) or a negative errno. A pointer result is NULL
 *   with errno set. The sentence behind the last error of this thread is gpiodref_last_error().
 * - Every function that returns a counted object gives the caller a reference, to be dropped with the matching _put(),
 *   unless it is documented as borrowed. _get() returns its argument. Both accept NULL.
 * - A descriptor is one line, a group is several that are read and set together. Their lines stay claimed until the last
 *   reference is put, and no longer: whoever was handed one may put it when he likes. Memory is counted apart: a claim that
 *   ends frees nothing that somebody still holds, and holding a chip or a weak handle claims nothing.
 * - A chip may go away: its provider is removed, its device unplugged. Then whatever needs it fails with -ENODEV, at once
 *   and for good; names, offsets, labels and consumers can still be read; _put() works as ever and says nothing. What is
 *   held does not find its way to another chip, whatever that is called.
 * - NULL where an object is required is -EINVAL. Unknown flags are -EINVAL.
 * - Every function may be called from any thread, on shared objects, unless it says otherwise.
 * - File descriptors are non-blocking and close on exec. They are for poll() and stay the library's: do not close them.
 * - Callbacks run without locks of the library held and may call back into it. They must return in the ordinary way:
 *   longjmp() out of a callback is not supported.
 *
 * Written by `cargo xtask headers` from libgpiodref/src/capi. Do not edit.
 */

#ifndef GPIODREF_H
#define GPIODREF_H

#include <stddef.h>
#include <stdint.h>

/**
 * Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
 */
typedef void (*gpiodref_log_callback)(int level, const char *message, void *user_data);

/**
 * Frees user data. Runs exactly once, also when the call that it was given to fails.
 */
typedef void (*gpiodref_destroy)(void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, "0.1.0".
 */
const char *gpiodref_version(void);

/**
 * The sentence behind the last error of this thread. It names what went wrong where: chip, line, consumer, the call that
 * failed.
 *
 * Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
 * that succeeds leaves it alone.
 */
const char *gpiodref_last_error(void);

/**
 * Frees what this library returned to be freed so; NULL is allowed.
 */
void gpiodref_free(void *memory);

/**
 * Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
 *
 * \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
 * this one any more.
 *
 * Returns 0.
 */
int gpiodref_set_log_callback(gpiodref_log_callback callback, void *user_data, gpiodref_destroy destroy);

/**
 * Remembers who takes references from now on: 0 nobody, 1 the tag (gpiodref_set_tag()) and thread of each taker, 2 a backtrace
 * too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
 *
 * Returns 0, or -EINVAL for another level.
 */
int gpiodref_set_tracking(uint32_t level);

/**
 * What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
 *
 * Returns 0, or -EINVAL if it is not UTF-8.
 */
int gpiodref_set_tag(const char *tag);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GPIODREF_H */
