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
 * The line stays as it is.
 */
#define GPIODREF_DIRECTION_AS_IS 0

/**
 * The line is read.
 */
#define GPIODREF_DIRECTION_INPUT 1

/**
 * The line is driven.
 */
#define GPIODREF_DIRECTION_OUTPUT 2

/**
 * No events.
 */
#define GPIODREF_EDGE_NONE 0

/**
 * An event when the line becomes active.
 */
#define GPIODREF_EDGE_RISING 1

/**
 * An event when the line becomes inactive.
 */
#define GPIODREF_EDGE_FALLING 2

/**
 * Both.
 */
#define GPIODREF_EDGE_BOTH 3

/**
 * The line's own resistors stay as they are.
 */
#define GPIODREF_BIAS_AS_IS 0

/**
 * No resistor.
 */
#define GPIODREF_BIAS_DISABLED 1

/**
 * A resistor pulls up.
 */
#define GPIODREF_BIAS_PULL_UP 2

/**
 * A resistor pulls down.
 */
#define GPIODREF_BIAS_PULL_DOWN 3

/**
 * An output drives both levels.
 */
#define GPIODREF_DRIVE_PUSH_PULL 0

/**
 * An output drives low only.
 */
#define GPIODREF_DRIVE_OPEN_DRAIN 1

/**
 * An output drives high only.
 */
#define GPIODREF_DRIVE_OPEN_SOURCE 2

/**
 * Events have the time of CLOCK_MONOTONIC.
 */
#define GPIODREF_CLOCK_MONOTONIC 0

/**
 * Events have the time of CLOCK_REALTIME.
 */
#define GPIODREF_CLOCK_REALTIME 1

/**
 * Events have the time of the chip's hardware timestamp engine.
 */
#define GPIODREF_CLOCK_HTE 2

/**
 * The line is active when it is low.
 */
#define GPIODREF_FLAG_ACTIVE_LOW 1

/**
 * Others in this process may have the line too: gpiodref_request() of the same line with this flag joins the request that
 * is there.
 */
#define GPIODREF_FLAG_SHARED 2

/**
 * The line became active.
 */
#define GPIODREF_EVENT_RISING 1

/**
 * The line became inactive.
 */
#define GPIODREF_EVENT_FALLING 2

/**
 * gpiodref_wait(): the time was over.
 */
#define GPIODREF_WAIT_TIMEOUT 0

/**
 * gpiodref_wait(): there is something to read.
 */
#define GPIODREF_WAIT_EVENT 1

/**
 * gpiodref_wait(): the chip is gone, and everything that had come before has been read.
 */
#define GPIODREF_WAIT_GONE 2

/**
 * gpiodref_chip_remove() removes at once: whoever has lines finds them numb, everything answers -ENODEV.
 */
#define GPIODREF_REMOVE_NUMB 0

/**
 * gpiodref_chip_remove() refuses with -EBUSY while lines are requested.
 */
#define GPIODREF_REMOVE_REFUSE 1

/**
 * gpiodref_chip_remove() waits until no line is requested.
 */
#define GPIODREF_REMOVE_WAIT 2

/**
 * Somebody requested the line.
 */
#define GPIODREF_CHANGE_REQUESTED 1

/**
 * Somebody released the line.
 */
#define GPIODREF_CHANGE_RELEASED 2

/**
 * The line was configured anew.
 */
#define GPIODREF_CHANGE_RECONFIGURED 3

/**
 * A GPIO chip. Counted: gpiodref_chip_get(), gpiodref_chip_put().
 */
typedef struct gpiodref_chip gpiodref_chip;

/**
 * A requested line. Counted: gpiodref_get(), gpiodref_put().
 */
typedef struct gpiodref_desc gpiodref_desc;

/**
 * Lines of a chip, requested together. Counted: gpiodref_group_get(), gpiodref_group_put().
 */
typedef struct gpiodref_group gpiodref_group;

/**
 * A simulated chip. Counted: gpiodref_sim_get(), gpiodref_sim_put().
 */
typedef struct gpiodref_sim gpiodref_sim;

/**
 * Lines of a chip that are being watched. Counted: gpiodref_watch_get(), gpiodref_watch_put().
 */
typedef struct gpiodref_watch gpiodref_watch;

/**
 * A handle on a descriptor that does not keep its line claimed: gpiodref_downgrade(), gpiodref_weak_put().
 */
typedef struct gpiodref_weak gpiodref_weak;

/**
 * Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
 */
typedef void (*gpiodref_log_callback)(int level, const char *message, void *user_data);

/**
 * Frees user data. Runs exactly once, also when the call that it was given to fails.
 */
typedef void (*gpiodref_destroy)(void *user_data);

/**
 * A line as it was when it was asked for. Set \p size to its size; members may be added at its end.
 */
struct gpiodref_line_info {
  /**
   * sizeof(struct gpiodref_line_info)
   */
  size_t size;
  /**
   * The line's number on its chip
   */
  uint32_t offset;
  /**
   * 1 if it cannot be requested: somebody has it, perhaps not yet configured, or the system itself uses it
   */
  uint32_t used;
  /**
   * Its name, or ""
   */
  char name[32];
  /**
   * Who has it, or ""
   */
  char consumer[32];
  /**
   * GPIODREF_DIRECTION_INPUT or _OUTPUT
   */
  uint32_t direction;
  /**
   * GPIODREF_EDGE_. A chip of this process tells it when edges are detected already; the system's says it a moment before
   */
  uint32_t edge;
  /**
   * GPIODREF_BIAS_
   */
  uint32_t bias;
  /**
   * GPIODREF_DRIVE_
   */
  uint32_t drive;
  /**
   * GPIODREF_CLOCK_
   */
  uint32_t clock;
  /**
   * GPIODREF_FLAG_ACTIVE_LOW
   */
  uint32_t flags;
  /**
   * Microseconds
   */
  uint32_t debounce_us;
};

/**
 * How a line is wanted. Set it to zeros and \p size to its size; zero means as it is. Members may be added at its end.
 */
typedef struct gpiodref_config {
  /**
   * sizeof(struct gpiodref_config)
   */
  size_t size;
  /**
   * GPIODREF_DIRECTION_
   */
  uint32_t direction;
  /**
   * GPIODREF_EDGE_, for inputs
   */
  uint32_t edge;
  /**
   * GPIODREF_BIAS_, where a direction is given
   */
  uint32_t bias;
  /**
   * GPIODREF_DRIVE_, for outputs
   */
  uint32_t drive;
  /**
   * GPIODREF_CLOCK_
   */
  uint32_t clock;
  /**
   * GPIODREF_FLAG_
   */
  uint32_t flags;
  /**
   * Microseconds for which an input must be stable to count, or 0
   */
  uint32_t debounce_us;
  /**
   * The logical value that an output begins with, 0 or 1
   */
  int32_t value;
  /**
   * Events that are kept until they are read, for the whole request: 0 for 16 a line; 1024 is the most
   */
  uint32_t event_buffer;
} gpiodref_config;

/**
 * An edge of a line.
 */
typedef struct gpiodref_event {
  /**
   * When, in nanoseconds of the clock that the line was configured with
   */
  uint64_t timestamp_ns;
  /**
   * GPIODREF_EVENT_RISING or GPIODREF_EVENT_FALLING
   */
  uint32_t type;
  /**
   * The line's number on its chip
   */
  uint32_t offset;
  /**
   * The number of this event among those of its line, from 1
   */
  uint32_t line_seqno;
  /**
   * The number of this event among those of its request, from 1; a gap is what was lost
   */
  uint32_t global_seqno;
} gpiodref_event;

/**
 * What a chip of this process is to be. Set it to zeros and \p size to its size; members may be added at its end.
 */
typedef struct gpiodref_chip_config {
  /**
   * sizeof(struct gpiodref_chip_config)
   */
  size_t size;
  /**
   * What it is called by its maker. Copied.
   */
  const char *label;
  /**
   * What its lines are called, num_lines of them; NULL, or a NULL among them, for no name. Copied.
   */
  const char *const *names;
  /**
   * How many lines it has, from 1 to 65535
   */
  uint32_t num_lines;
  /**
   * GPIODREF_REMOVE_
   */
  uint32_t remove_policy;
  /**
   * With GPIODREF_REMOVE_WAIT the most that is waited; negative for ever
   */
  int32_t remove_timeout_ms;
} gpiodref_chip_config;

/**
 * The operations of a chip. Set \p size to its size; members may be added at its end. The table is copied.
 *
 * They are called from any thread, several at a time, without a lock of the library, and may call the library. After the chip
 * has been removed none is called any more but \p release; gpiodref_chip_drain() waits for those that are running then. They
 * return 0, or what they say, or a negative errno, which the consumer gets. Levels are those of the wire: polarity, debouncing,
 * and who may have which line are the library's work.
 */
typedef struct gpiodref_chip_ops {
  /**
   * sizeof(struct gpiodref_chip_ops)
   */
  size_t size;
  /**
   * Somebody claims a line; an error refuses it. NULL grants all.
   */
  int (*request)(unsigned int offset, void *user_data);
  /**
   * A line is let go that was granted. May be NULL.
   */
  void (*free)(unsigned int offset, void *user_data);
  /**
   * Makes a line an input or an output; config->value is the level that an output begins with, config->edge says which changes
   * of the level gpiodref_chip_push_edge() is to tell at least. \p config is valid during the call.
   */
  int (*configure)(unsigned int offset, const struct gpiodref_config *config, void *user_data);
  /**
   * Returns the level of a line, 0 or 1, whichever way it goes.
   */
  int (*get)(unsigned int offset, void *user_data);
  /**
   * Sets the level of an output.
   */
  int (*set)(unsigned int offset, int level, void *user_data);
  /**
   * Tells the levels of at most 64 lines, bit n of *levels for offsets[n]. NULL: get is called for each.
   */
  int (*get_multiple)(const unsigned int *offsets, size_t count, uint64_t *levels, void *user_data);
  /**
   * Sets the levels of at most 64 outputs, bit n of \p levels for offsets[n]. NULL: set is called for each.
   */
  int (*set_multiple)(const unsigned int *offsets, size_t count, uint64_t levels, void *user_data);
  /**
   * Frees \p user_data. May be NULL.
   */
  void (*release)(void *user_data);
} gpiodref_chip_ops;

/**
 * A change of a watched line. Set \p size to its size.
 */
typedef struct gpiodref_info_event {
  /**
   * sizeof(struct gpiodref_info_event)
   */
  size_t size;
  /**
   * When, in nanoseconds of CLOCK_MONOTONIC
   */
  uint64_t timestamp_ns;
  /**
   * GPIODREF_CHANGE_
   */
  uint32_t change;
  /**
   * 0
   */
  uint32_t reserved;
  /**
   * The line as it was then
   */
  struct gpiodref_line_info info;
} gpiodref_info_event;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as "0.1.0".
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

/**
 * Lists who holds references that were taken since tracking began, a line for each: *\p report is the caller's, to be freed with
 * gpiodref_free(). For a program that finds lines still requested when it ends.
 *
 * Returns the number of lines, or -EINVAL for NULL, -ENOMEM.
 */
int gpiodref_holders(char **report);

/**
 * Opens a chip: by path ("/dev/gpiochip0"), by name ("gpiochip0") or by label. Chips that this process provides are found by
 * name and label.
 *
 * Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno: ENOENT there is none; ENOTUNIQ several chips
 * have the label; EINVAL it is not a GPIO chip, or a NULL argument; ENODEV it has just gone; that of open(), EACCES for one.
 */
struct gpiodref_chip *gpiodref_chip_open(const char *path_name_or_label);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct gpiodref_chip *gpiodref_chip_get(struct gpiodref_chip *chip);

/**
 * Drops a reference; NULL is allowed. Descriptors hold their chip by themselves.
 */
void gpiodref_chip_put(struct gpiodref_chip *chip);

/**
 * Lists the chips: copies the name that follows \p prev, the first one for NULL, into \p name with its NUL; both may be the same
 * buffer. The system's chips come first, by number, then those of this process. A chip that comes or goes meanwhile does not
 * disturb the list.
 *
 * Returns the length of the name, or 0 if there is no further one; -ERANGE \p size is too small (32 is enough; with 0 nothing is
 * copied), -EINVAL a NULL argument.
 */
int gpiodref_chip_next(const char *prev,
                       char *name,
                       size_t size);

/**
 * The chip's name, "gpiochip0". Borrowed: valid as long as the chip is held, also when it has gone. NULL with errno EINVAL for
 * NULL.
 */
const char *gpiodref_chip_name(struct gpiodref_chip *chip);

/**
 * What the chip's maker calls it. As gpiodref_chip_name().
 */
const char *gpiodref_chip_label(struct gpiodref_chip *chip);

/**
 * How many lines the chip has, also when it has gone. 0 with errno EINVAL for NULL.
 */
unsigned int gpiodref_chip_num_lines(struct gpiodref_chip *chip);

/**
 * Returns 1 if the chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
 */
int gpiodref_chip_is_alive(struct gpiodref_chip *chip);

/**
 * A file descriptor for poll() that says POLLERR or POLLHUP when the chip has gone. Borrowed: do not read or close it. Changes
 * of lines are told by gpiodref_watch_fd().
 *
 * Returns it, or -EINVAL for NULL; -EMFILE or -ENFILE where it has yet to be made.
 */
int gpiodref_chip_fd(struct gpiodref_chip *chip);

/**
 * Tells what a line is now. Set \p info->size before.
 *
 * Returns 0, or -EINVAL no such line or a NULL argument, -ENODEV the chip is gone.
 */
int gpiodref_line_info(struct gpiodref_chip *chip, unsigned int offset, struct gpiodref_line_info *info);

/**
 * Finds the line that is called \p name, of all chips. *\p chip becomes a reference that is the caller's, *\p offset the line's
 * number on it. Asks every line of every chip.
 *
 * Returns 0, or -ENOENT there is none, -ENOTUNIQ several lines are called so, -EINVAL a NULL argument; where none is found and a
 * chip could not be opened, that of open(), -EACCES for one.
 */
int gpiodref_find_line(const char *name,
                       struct gpiodref_chip **chip,
                       unsigned int *offset);

/**
 * Tells the number of the line that is called \p name_or_number on this chip; a name comes before a number.
 *
 * Returns 0, or -ENOENT there is none, -ENOTUNIQ several lines are called so, -EINVAL a number that no line has, or NULL.
 */
int gpiodref_chip_find_line(struct gpiodref_chip *chip, const char *name_or_number, unsigned int *offset);

/**
 * Claims a line as an output with a fixed logical value, under the name \p name, until the chip goes or nobody holds \p chip any
 * more.
 *
 * Returns 0, or -EBUSY somebody has the line: gpiodref_last_error() says who; -EINVAL no such line or a NULL argument; -ENODEV.
 */
int gpiodref_hog(struct gpiodref_chip *chip,
                 unsigned int offset,
                 const char *name,
                 int value);

/**
 * Requests a line, with the name \p consumer (at most 31 bytes; NULL for the program's own name). \p config may be NULL: the
 * line stays as it is.
 *
 * The descriptor is counted by gpiodref_get() and gpiodref_put(), and the line is free with the last put. It holds its chip: \p
 * chip may be put. With GPIODREF_FLAG_SHARED in all requests of a line, each gets a descriptor of its own for it; the first one
 * settles direction and configuration, and an output's value is voted on (gpiodref_vote()).
 *
 * A request for edges that is under way when a chip of Linux goes may never end: Linux 6.12 itself loses that race.
 *
 * Returns the descriptor, or NULL with errno: EBUSY somebody has the line (gpiodref_last_error() says who) or shares it with
 * another configuration; EINVAL no such line, a configuration whose parts do not agree, a name that is too long, or a NULL
 * argument; ENODEV the chip is gone; EOPNOTSUPP or EINVAL the chip cannot do it; EMFILE.
 */
struct gpiodref_desc *gpiodref_request(struct gpiodref_chip *chip,
                                       unsigned int offset,
                                       const struct gpiodref_config *config,
                                       const char *consumer);

/**
 * Requests the line that is called \p line, of whatever chip has it. Otherwise as gpiodref_request().
 *
 * Returns the descriptor, or NULL with errno: ENOENT no line is called so; ENOTUNIQ several are; and those of gpiodref_request().
 */
struct gpiodref_desc *gpiodref_request_by_name(const char *line,
                                               const struct gpiodref_config *config,
                                               const char *consumer);

/**
 * Takes over the line of a file descriptor that somebody else requested from the system, with another library or in another
 * program. Only where this succeeds is \p fd the library's; it must have exactly one line.
 *
 * Returns the descriptor, or NULL with errno: EINVAL \p fd is not one of GPIO lines, or has several (gpiodref_group_adopt());
 * EBADF; ENODEV the chip is gone.
 */
struct gpiodref_desc *gpiodref_adopt(int fd);

/**
 * Requests the line of a descriptor again after its chip has gone and come back: found by the chip's label and the line's name,
 * never by number, and configured as it was last. Nothing does this by itself; \p desc stays what it is.
 *
 * Returns a new descriptor, or NULL with errno: ENODEV the chip has not come back; ENOENT it has, without the line; EINVAL it is
 * not gone, the line has no name, or NULL; and those of gpiodref_request().
 */
struct gpiodref_desc *gpiodref_reattach(struct gpiodref_desc *desc);

/**
 * Adds a reference to the request that the descriptor stands for, and returns its argument; NULL for NULL.
 *
 * Where only weak handles hold the descriptor any more, so that its line has been released, NULL with errno EINVAL.
 */
struct gpiodref_desc *gpiodref_get(struct gpiodref_desc *desc);

/**
 * Drops a reference; the last one frees the line. NULL is allowed. Silent also when the chip has gone.
 *
 * With tracking on, one put too many is found: nothing is done, and a message says who put.
 */
void gpiodref_put(struct gpiodref_desc *desc);

/**
 * A handle that holds the descriptor's memory and not its request: it does not keep the line claimed.
 *
 * Returns it (drop it with gpiodref_weak_put()), or NULL with errno EINVAL for NULL.
 */
struct gpiodref_weak *gpiodref_downgrade(struct gpiodref_desc *desc);

/**
 * A reference to the descriptor, if somebody still has its line.
 *
 * Returns it, or NULL with errno: EINVAL the line has been released, or NULL.
 */
struct gpiodref_desc *gpiodref_upgrade(struct gpiodref_weak *weak);

/**
 * Drops a weak handle; NULL is allowed.
 */
void gpiodref_weak_put(struct gpiodref_weak *weak);

/**
 * Returns the logical value, 0 or 1; -ENODEV the chip is gone; -EINVAL for NULL. Costs one call of the system.
 */
int gpiodref_get_value(struct gpiodref_desc *desc);

/**
 * Sets the logical value, 0 or 1. Where the line is shared, this is gpiodref_vote(). Costs one call of the system.
 *
 * Returns 0, or -ENODEV the chip is gone; -EPERM the line is no output; -EINVAL another value, or NULL.
 */
int gpiodref_set_value(struct gpiodref_desc *desc, int value);

/**
 * Returns the level, 0 or 1, whatever is active. Otherwise as gpiodref_get_value().
 */
int gpiodref_get_raw_value(struct gpiodref_desc *desc);

/**
 * Sets the level, 0 or 1, whatever is active. Otherwise as gpiodref_set_value().
 */
int gpiodref_set_raw_value(struct gpiodref_desc *desc, int level);

/**
 * Votes for the logical value of a shared output. The line keeps the value that its first request gave it until somebody votes
 * otherwise; a vote is taken back when its descriptor is released.
 *
 * Returns 0 when the line has the value that the votes come to, or -EINVAL the line is not shared, another value, or NULL;
 * -EPERM it is no output; -ENODEV the chip is gone.
 */
int gpiodref_vote(struct gpiodref_desc *desc,
                  int value);

/**
 * Makes the line an input without edge detection; bias, clock and polarity stay.
 *
 * Returns 0, or -EBUSY it is shared as something else; -ENODEV the chip is gone; -EINVAL for NULL.
 */
int gpiodref_direction_input(struct gpiodref_desc *desc);

/**
 * Makes the line an output with a logical value; bias, drive and polarity stay. Where the line is a shared output, this is
 * gpiodref_vote(). Otherwise as gpiodref_direction_input().
 */
int gpiodref_direction_output(struct gpiodref_desc *desc, int value);

/**
 * Configures the line anew, completely; \p config may be NULL. Where the line is shared, its configuration stays the first one's,
 * and the value of an output is a gpiodref_vote().
 *
 * Returns 0, or -EBUSY it is shared as something else; -EINVAL a configuration whose parts do not agree, or a NULL descriptor;
 * -ENODEV the chip is gone; -EOPNOTSUPP or -EINVAL the chip cannot do it.
 */
int gpiodref_reconfigure(struct gpiodref_desc *desc,
                         const struct gpiodref_config *config);

/**
 * The line's name, "" if it has none. Borrowed: valid as long as the descriptor is held, also when the chip has gone. NULL with
 * errno EINVAL for NULL.
 */
const char *gpiodref_desc_name(struct gpiodref_desc *desc);

/**
 * Who requested the descriptor. As gpiodref_desc_name().
 */
const char *gpiodref_desc_consumer(struct gpiodref_desc *desc);

/**
 * The line's number on its chip, also when that has gone. 0 with errno EINVAL for NULL.
 */
unsigned int gpiodref_desc_offset(struct gpiodref_desc *desc);

/**
 * How the line was configured last, through this library, also when the chip has gone. Set \p config->size before.
 *
 * Returns 0, or -EINVAL a NULL argument.
 */
int gpiodref_desc_config(struct gpiodref_desc *desc, struct gpiodref_config *config);

/**
 * The line's chip, as a reference (drop it with gpiodref_chip_put()). NULL with errno EINVAL for NULL.
 */
struct gpiodref_chip *gpiodref_desc_chip(struct gpiodref_desc *desc);

/**
 * Returns 1 if the line's chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
 */
int gpiodref_is_alive(struct gpiodref_desc *desc);

/**
 * Sleeps until there is an event to read, at most \p timeout_ms milliseconds; a negative limit is none.
 *
 * Events that have come are taken over, so that they outlive the chip: read until gpiodref_read_events() returns 0 before polling
 * gpiodref_fd().
 *
 * Returns GPIODREF_WAIT_EVENT, GPIODREF_WAIT_TIMEOUT or GPIODREF_WAIT_GONE; -EINTR a signal came; -EINVAL for NULL.
 */
int gpiodref_wait(struct gpiodref_desc *desc,
                  int timeout_ms);

/**
 * Reads events into the caller's array, as many as are there and fit. Never sleeps and allocates nothing.
 *
 * Returns their number, 0 if there are none; -ENODEV the chip is gone and all have been read; -EINVAL a NULL argument.
 */
int gpiodref_read_events(struct gpiodref_desc *desc, struct gpiodref_event *events, size_t count);

/**
 * How many events were lost so far because nobody read them in time: the gaps in global_seqno of what has been read. 0 with errno
 * EINVAL for NULL.
 */
uint64_t gpiodref_events_lost(struct gpiodref_desc *desc);

/**
 * A file descriptor for poll(): readable when there are events; POLLERR, POLLHUP or readable when the chip has gone, and the
 * next read or wait says which. Borrowed: do not read or close it, nor use it when the descriptor has been put.
 *
 * Returns it, or -EINVAL for NULL; -EMFILE or -ENFILE where it has yet to be made.
 */
int gpiodref_fd(struct gpiodref_desc *desc);

/**
 * A file descriptor of the system's for the line, to be handed to another library or program; the caller closes it. The line is
 * claimed until both it and the descriptor are let go.
 *
 * Returns it, or -EOPNOTSUPP the chip is one of this process; -EMFILE; -EINVAL for NULL.
 */
int gpiodref_export_fd(struct gpiodref_desc *desc);

/**
 * Requests \p count lines of a chip together, at most 64, all with the same configuration. Line n of \p offsets is bit n of masks
 * and values. Otherwise as gpiodref_request(); lines of a group cannot be shared.
 *
 * Returns a reference (drop it with gpiodref_group_put(), the last one frees the lines), or NULL with errno: E2BIG more than 64
 * lines; EBUSY a line is there twice; and those of gpiodref_request().
 */
struct gpiodref_group *gpiodref_request_group(struct gpiodref_chip *chip,
                                              const unsigned int *offsets,
                                              size_t count,
                                              const struct gpiodref_config *config,
                                              const char *consumer);

/**
 * As gpiodref_request_group(), with a configuration for each line: \p configs are \p count pointers, of which each may be NULL.
 *
 * What differs from line to line must fit into ten attributes of the system: besides the most common configuration, one for each
 * other one, one for each debounce period, and one for all values of outputs. More is E2BIG, and gpiodref_last_error() counts
 * them.
 */
struct gpiodref_group *gpiodref_request_group_each(struct gpiodref_chip *chip,
                                                   const unsigned int *offsets,
                                                   size_t count,
                                                   const struct gpiodref_config *const *configs,
                                                   const char *consumer);

/**
 * Takes over the lines of a file descriptor that somebody else requested from the system. Otherwise as gpiodref_adopt().
 */
struct gpiodref_group *gpiodref_group_adopt(int fd);

/**
 * Requests the lines again after their chip has gone and come back. As gpiodref_reattach().
 */
struct gpiodref_group *gpiodref_group_reattach(struct gpiodref_group *group);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct gpiodref_group *gpiodref_group_get(struct gpiodref_group *group);

/**
 * Drops a reference; the last one frees the lines. NULL is allowed.
 */
void gpiodref_group_put(struct gpiodref_group *group);

/**
 * Reads the logical values of the lines in \p mask; other bits of *\p values become 0. Costs one call of the system.
 *
 * Returns 0, or -EINVAL an empty mask, a bit beyond the group, or a NULL argument; -ENODEV the chip is gone.
 */
int gpiodref_group_get_values(struct gpiodref_group *group, uint64_t mask, uint64_t *values);

/**
 * Sets the logical values of the lines in \p mask, in one call of the system.
 *
 * Returns 0, or -EPERM one of them is no output; and those of gpiodref_group_get_values().
 */
int gpiodref_group_set_values(struct gpiodref_group *group, uint64_t mask, uint64_t values);

/**
 * Configures all lines anew, completely and alike; \p config may be NULL. Errors as gpiodref_reconfigure().
 */
int gpiodref_group_reconfigure(struct gpiodref_group *group, const struct gpiodref_config *config);

/**
 * Configures all lines anew, each in its own way: \p configs as for gpiodref_request_group_each(), \p count the size of the group.
 */
int gpiodref_group_reconfigure_each(struct gpiodref_group *group,
                                    const struct gpiodref_config *const *configs,
                                    size_t count);

/**
 * How many lines the group has, also when its chip has gone. 0 with errno EINVAL for NULL.
 */
unsigned int gpiodref_group_num_lines(struct gpiodref_group *group);

/**
 * The number on its chip of line \p index of the group. 0 with errno EINVAL for an index beyond it, or NULL.
 */
unsigned int gpiodref_group_offset(struct gpiodref_group *group, unsigned int index);

/**
 * The group's chip, as a reference (drop it with gpiodref_chip_put()). NULL with errno EINVAL for NULL.
 */
struct gpiodref_chip *gpiodref_group_chip(struct gpiodref_group *group);

/**
 * Returns 1 if the group's chip is there, 0 if it has gone, at some moment; -EINVAL for NULL.
 */
int gpiodref_group_is_alive(struct gpiodref_group *group);

/**
 * As gpiodref_wait(), for events of any line of the group.
 */
int gpiodref_group_wait(struct gpiodref_group *group, int timeout_ms);

/**
 * As gpiodref_read_events(), for events of any line of the group.
 */
int gpiodref_group_read_events(struct gpiodref_group *group, struct gpiodref_event *events, size_t count);

/**
 * As gpiodref_events_lost().
 */
uint64_t gpiodref_group_events_lost(struct gpiodref_group *group);

/**
 * As gpiodref_fd().
 */
int gpiodref_group_fd(struct gpiodref_group *group);

/**
 * As gpiodref_export_fd().
 */
int gpiodref_group_export_fd(struct gpiodref_group *group);

/**
 * Says that line \p line_or_number of the chip with the label \p chip_label is line \p index for \p function of \p device, as
 * ("eeprom0", "wp", 0, "pca9555", "EEPROM_WP", GPIODREF_FLAG_ACTIVE_LOW). Copied; the chip need not be there yet.
 *
 * \p flags: GPIODREF_FLAG_ACTIVE_LOW the board inverts the line, GPIODREF_FLAG_SHARED several components have it.
 *
 * Returns 0, or -EBUSY there is an entry for this function and index; -EINVAL an unknown flag, or a NULL argument.
 */
int gpiodref_table_add(const char *device,
                       const char *function,
                       unsigned int index,
                       const char *chip_label,
                       const char *line_or_number,
                       uint32_t flags);

/**
 * Takes an entry out of the table. Descriptors that were found through it stay as they are.
 *
 * Returns 0, or -ENOENT there is no such entry; -EINVAL a NULL argument.
 */
int gpiodref_table_remove(const char *device, const char *function, unsigned int index);

/**
 * Requests line \p index for \p function of \p device, as gpiodref_table_add() says. Its consumer is called after both. \p config
 * may be NULL; an active-low \p config inverts once more.
 *
 * Returns the descriptor, or NULL with errno: ENOENT there is no such entry, or no such chip or line; and those of
 * gpiodref_request().
 */
struct gpiodref_desc *gpiodref_lookup(const char *device,
                                      const char *function,
                                      unsigned int index,
                                      const struct gpiodref_config *config);

/**
 * As gpiodref_lookup(), but where there is no such entry it returns NULL with errno 0: the board has no such line, and NULL may be
 * put.
 */
struct gpiodref_desc *gpiodref_lookup_optional(const char *device,
                                               const char *function,
                                               unsigned int index,
                                               const struct gpiodref_config *config);

/**
 * Registers a chip that this process provides. It is called "virtual0", or with a higher number, none of which is used twice,
 * and is found by that and by its label. It stays until gpiodref_chip_remove(), also when the reference is put.
 *
 * ops->release is called once, without a lock of the library: when whoever was the last to hold the chip or a line of it has let go,
 * which is after the chip has been removed; or before this function returns, if it fails. (Not if \p ops is NULL or its size is
 * not one: then the library does not know it.)
 *
 * Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno: EINVAL a NULL argument, no label, too many lines or
 * none, an unknown policy, configure, get or set is NULL; E2BIG a struct that is newer than the library has something set in it.
 */
struct gpiodref_chip *gpiodref_chip_register(const struct gpiodref_chip_config *config,
                                             const struct gpiodref_chip_ops *ops,
                                             void *user_data);

/**
 * Takes a chip away that this process provides, as its policy says; lines that are hogged go with it and do not count.
 *
 * From then on its operations are not called any more, except those that are running; everything that needs the chip answers
 * -ENODEV, and those who sleep wake up. Events that were pushed before can still be read. GPIODREF_REMOVE_NUMB never waits.
 * With GPIODREF_REMOVE_WAIT nobody gets a line during the wait; after -ETIMEDOUT the chip is as it was. May be called from
 * anywhere, also from an operation of the chip. Removing it again does nothing.
 *
 * Returns 0, or -EBUSY a line is requested: gpiodref_last_error() says which, and by whom; -ETIMEDOUT; -EDEADLK it would wait for
 * the operation that calls; -EINVAL NULL, or a chip of the system.
 */
int gpiodref_chip_remove(struct gpiodref_chip *chip);

/**
 * Waits until no operation of a removed chip is running any more, so that what the operations use can be taken apart. A negative
 * \p timeout_ms waits for ever, 0 only asks.
 *
 * Returns 0, or -ETIMEDOUT an operation is still running, or the chip has not been removed; -EDEADLK one of its operations calls;
 * -EINVAL NULL, or a chip of the system.
 */
int gpiodref_chip_drain(struct gpiodref_chip *chip,
                        int timeout_ms);

/**
 * Tells that the level of a line has become \p level, 0 or 1: whoever waits for that edge gets an event. A line for which nobody
 * waits for it is passed over. \p timestamp_ns is of the clock that the line was configured with, 0 for now.
 *
 * May be called from any thread and from operations; never waits.
 *
 * Returns 0, or -ENODEV the chip has been removed; -EINVAL NULL, no such line, a level that is none, or a chip of the system.
 */
int gpiodref_chip_push_edge(struct gpiodref_chip *chip,
                            unsigned int offset,
                            int level,
                            uint64_t timestamp_ns);

/**
 * Registers a simulated chip, for tests of programs that use GPIO: needs no rights and nothing of the system. Its lines are
 * wires that are pulled down at first; whoever requests them sees their levels, and drives and pulls them as he likes.
 *
 * The chip stays until gpiodref_sim_remove(), also when the reference is put.
 *
 * Returns a reference (drop it with gpiodref_sim_put()), or NULL with errno: EINVAL as gpiodref_chip_register().
 */
struct gpiodref_sim *gpiodref_sim_new(const struct gpiodref_chip_config *config);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct gpiodref_sim *gpiodref_sim_get(struct gpiodref_sim *sim);

/**
 * Drops a reference; NULL is allowed.
 */
void gpiodref_sim_put(struct gpiodref_sim *sim);

/**
 * The chip, to be used as any other. Returns a reference (drop it with gpiodref_chip_put()), or NULL with errno EINVAL for NULL.
 */
struct gpiodref_chip *gpiodref_sim_chip(struct gpiodref_sim *sim);

/**
 * Pulls a wire up (1) or down (0) from outside, as a resistor does: a line that is driven stays as it is. An edge is told to whoever
 * waits for it. A bias that is asked for with a line does the same; the last of them counts.
 *
 * Returns 0, or -EINVAL no such line, another value or NULL.
 */
int gpiodref_sim_set_pull(struct gpiodref_sim *sim,
                          unsigned int offset,
                          int up);

/**
 * Returns the level of a wire, 0 or 1, whoever makes it, also when the chip has been removed; -EINVAL no such line or NULL.
 */
int gpiodref_sim_level(struct gpiodref_sim *sim, unsigned int offset);

/**
 * Removes the chip: gpiodref_chip_remove(). The wires remain, to be looked at.
 */
int gpiodref_sim_remove(struct gpiodref_sim *sim);

/**
 * Watches \p count lines of a chip, in this process and others: who requests, releases and configures them. With \p count 0 all
 * lines of the chip. The watch holds the chip.
 *
 * Returns a reference (drop it with gpiodref_watch_put()), or NULL with errno: EINVAL no such line, or a NULL argument; ENODEV the
 * chip is gone; EMFILE.
 */
struct gpiodref_watch *gpiodref_watch_lines(struct gpiodref_chip *chip,
                                            const unsigned int *offsets,
                                            size_t count);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct gpiodref_watch *gpiodref_watch_get(struct gpiodref_watch *watch);

/**
 * Drops a reference; the last one ends the watch. NULL is allowed.
 */
void gpiodref_watch_put(struct gpiodref_watch *watch);

/**
 * Sleeps until there is a change to read, at most \p timeout_ms milliseconds; a negative limit is none.
 *
 * Returns GPIODREF_WAIT_EVENT, GPIODREF_WAIT_TIMEOUT or GPIODREF_WAIT_GONE; -EINTR a signal came; -EINVAL for NULL.
 */
int gpiodref_watch_wait(struct gpiodref_watch *watch, int timeout_ms);

/**
 * Reads the next change. Never sleeps. Set \p event->size before.
 *
 * Returns 1, or 0 if there is none; -ENODEV the chip is gone and all have been read; -EINVAL a NULL argument.
 */
int gpiodref_watch_read(struct gpiodref_watch *watch, struct gpiodref_info_event *event);

/**
 * A file descriptor for poll(): readable when there are changes; POLLERR, POLLHUP or readable when the chip has gone, and the next
 * read or wait says which. Borrowed: do not read or close it.
 *
 * Returns it, or -EINVAL for NULL.
 */
int gpiodref_watch_fd(struct gpiodref_watch *watch);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GPIODREF_H */
