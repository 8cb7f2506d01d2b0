/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libmediadev: media graphs of the kernel's devices, and media devices of a program's own whose release can be relied on.
 *
 * Conventions, common to all functions:
 *
 * - An int result is 0 (or a count or a value, where the function says so) or a negative errno. A pointer result is NULL
 *   with errno set. The sentence behind the last error of this thread is mediadev_last_error().
 * - Every function that returns a counted object gives the caller a reference, to be dropped with the matching _put(),
 *   unless it is documented as borrowed. _get() returns its argument. Both accept NULL.
 * - Ids, functions, types and flags are those of linux/media.h. Kinds that nobody knows yet are told as they are.
 * - A topology is a graph as it was at one moment. It never changes and needs nobody's device.
 * - A device of this process is held by its owner, by open handles, entities, requests and running calls, and by itself while
 *   it is registered. When it is unregistered, whatever begins later fails with -ENODEV, sleepers wake up with that, and what
 *   runs ends on valid memory. When the last one lets go it is freed, once and in order: before_free, its graph, what was
 *   bound to it, after_free.
 * - NULL where an object is required is -EINVAL. Unknown flags are -EINVAL.
 * - Every function may be called from any thread, on shared objects, unless it says otherwise.
 * - File descriptors are non-blocking and close on exec. They are for poll() and stay the library's: do not close them.
 * - Callbacks run without locks of the library held and may call back into it. They must return in the ordinary way:
 *   longjmp() out of a callback is not supported.
 *
 * Written by `cargo xtask headers` from libmediadev/src/capi. Do not edit.
 */

#ifndef MEDIADEV_H
#define MEDIADEV_H

#include <stddef.h>
#include <stdint.h>

/**
 * The format is told: from \p width to \p quantization.
 */
#define MEDIADEV_FORMAT_FORMAT 1

/**
 * The rectangle that is taken of what comes in is told.
 */
#define MEDIADEV_FORMAT_CROP 2

/**
 * The rectangle that it is put to is told.
 */
#define MEDIADEV_FORMAT_COMPOSE 4

/**
 * The time from one frame to the next is told.
 */
#define MEDIADEV_FORMAT_INTERVAL 8

/**
 * ops->ioctl returns it where there is nothing yet: the call sleeps until mediadev_notify() and is tried again then, or fails with
 * -ENODEV when the device is unregistered.
 */
#define MEDIADEV_NOT_YET -4096

/**
 * ops->link_notify is called before the entities are asked.
 */
#define MEDIADEV_NOTIFY_BEFORE 0

/**
 * ops->link_notify is called after the flags have changed, or were refused: the link has those that it has now.
 */
#define MEDIADEV_NOTIFY_AFTER 1

/**
 * Entities.
 */
#define MEDIADEV_KIND_ENTITY 0

/**
 * Pads.
 */
#define MEDIADEV_KIND_PAD 1

/**
 * Links, of all kinds.
 */
#define MEDIADEV_KIND_LINK 2

/**
 * Interfaces.
 */
#define MEDIADEV_KIND_INTERFACE 3

/**
 * To where data comes from.
 */
#define MEDIADEV_UPSTREAM 1

/**
 * To where data goes.
 */
#define MEDIADEV_DOWNSTREAM 2

/**
 * Along links that are not enabled too.
 */
#define MEDIADEV_ALL_LINKS 4

/**
 * A media device that this process provides. Counted: mediadev_device_get(), mediadev_device_put().
 */
typedef struct mediadev_device mediadev_device;

/**
 * An entity of such a device. Counted: mediadev_entity_get(), mediadev_entity_put().
 */
typedef struct mediadev_entity mediadev_entity;

/**
 * A node in /dev behind which is a device of this process. Counted: mediadev_export_get(), mediadev_export_put().
 */
typedef struct mediadev_export mediadev_export;

/**
 * An open handle on such a device. Counted: mediadev_file_get(), mediadev_file_put().
 */
typedef struct mediadev_file mediadev_file;

/**
 * A media device of the kernel, opened. Counted: mediadev_node_get(), mediadev_node_put().
 */
typedef struct mediadev_node mediadev_node;

/**
 * A request. Counted: mediadev_request_get(), mediadev_request_put().
 */
typedef struct mediadev_request mediadev_request;

/**
 * A media graph as it was at one moment. Counted: mediadev_topology_get(), mediadev_topology_put().
 */
typedef struct mediadev_topology mediadev_topology;

/**
 * Takes a message of the library: \p level is syslog's (3 error, 4 warning, 6 information), \p message is valid during the call.
 */
typedef void (*mediadev_log_callback)(int level, const char *message, void *user_data);

/**
 * Frees user data. Runs exactly once, also when the call that it was given to fails.
 */
typedef void (*mediadev_destroy)(void *user_data);

/**
 * What a device says of itself. Set \p size to its size; members may be added at its end. The texts end with NUL; a version is
 * major << 16 | minor << 8 | patch.
 */
struct mediadev_info {
  /**
   * sizeof(struct mediadev_info)
   */
  size_t size;
  /**
   * The driver's name
   */
  char driver[16];
  /**
   * What the device is
   */
  char model[32];
  /**
   * Which one of its model it is
   */
  char serial[40];
  /**
   * Where it is: "platform:vimc"
   */
  char bus_info[32];
  /**
   * The version of the media interface that it has
   */
  uint32_t media_version;
  /**
   * The device's own version
   */
  uint32_t hw_revision;
  /**
   * The driver's version
   */
  uint32_t driver_version;
};

/**
 * A link of a graph. Set \p size to its size; members may be added at its end.
 *
 * A data link goes from pad to pad, an interface link from an interface to an entity that it controls, an ancillary link from an
 * entity to one that belongs to it. flags & MEDIA_LNK_FL_LINK_TYPE says which of them it is; other kinds are told as they are.
 */
typedef struct mediadev_link_info {
  /**
   * sizeof(struct mediadev_link_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * The id of the pad, interface or entity that it comes from
   */
  uint32_t source_id;
  /**
   * The id of the pad or entity that it goes to
   */
  uint32_t sink_id;
  /**
   * MEDIA_LNK_FL_
   */
  uint32_t flags;
  /**
   * The entity that it comes from, 0 for none
   */
  uint32_t source_entity;
  /**
   * The index of the pad that it comes from
   */
  uint32_t source_pad;
  /**
   * The entity that it goes to, 0 for none
   */
  uint32_t sink_entity;
  /**
   * The index of the pad that it goes to
   */
  uint32_t sink_pad;
} mediadev_link_info;

/**
 * The operations of a device. Set \p size to its size; members may be added at its end. The table is copied. Each may be NULL.
 *
 * They are called from any thread, several at a time, without a lock of the library, and may call the library, whatever it is. After
 * the device has been unregistered none begins but close and before_free, and after_free at the end; mediadev_drain() waits for
 * those that run. Those that return an int return 0, or what they say, or a negative errno, which the caller gets. Objects that they
 * are given are held during the call: to keep one, get it.
 */
typedef struct mediadev_ops {
  /**
   * sizeof(struct mediadev_ops)
   */
  size_t size;
  /**
   * The flags of \p link are to become \p flags, and \p pad of this entity is one of its ends: the source is asked first, then the
   * sink. An error refuses that; if it is the sink's, the source is asked again, for the flags that the link had. \p link is valid
   * during the call and has its flags of before. NULL agrees.
   */
  int (*link_setup)(struct mediadev_entity *entity,
                    unsigned int pad,
                    const struct mediadev_link_info *link,
                    uint32_t flags,
                    void *user_data);
  /**
   * The flags of \p link are about to become \p flags (MEDIADEV_NOTIFY_BEFORE), or have, or were refused (MEDIADEV_NOTIFY_AFTER).
   */
  void (*link_notify)(struct mediadev_device *device,
                      const struct mediadev_link_info *link,
                      uint32_t flags,
                      uint32_t when,
                      void *user_data);
  /**
   * Somebody opens the device; an error refuses that. What is his own can be kept with mediadev_file_set_context().
   */
  int (*open)(struct mediadev_file *file, void *user_data);
  /**
   * A handle is closed that was granted: nobody holds it any more, and no call runs in it. Called also after the device has been
   * unregistered. Its context is freed next.
   */
  void (*close)(struct mediadev_file *file, void *user_data);
  /**
   * A call that the library does not know. Returns its result, or MEDIADEV_NOT_YET. NULL is -ENOTTY.
   */
  int (*ioctl)(struct mediadev_file *file, uint32_t request, void *arg, void *user_data);
  /**
   * What poll() would say of the handle now: POLLIN, POLLPRI and so on, 0 for nothing. Must not wait: mediadev_notify() has it
   * asked again. NULL never has anything to say.
   */
  uint32_t (*poll)(struct mediadev_file *file, void *user_data);
  /**
   * The last one who held the device has let go. Its graph is still there, to be looked at (mediadev_device_topology()); the provider
   * may stop its threads, which may call the library with \p device until this returns. The device cannot be had any more
   * (mediadev_device_get() is NULL), and nothing of it begins.
   */
  void (*before_free)(struct mediadev_device *device, void *user_data);
  /**
   * Nothing of the device is left. Frees \p user_data.
   */
  void (*after_free)(void *user_data);
  /**
   * A pipeline is to start that this enabled link is part of, \p pad of this entity being its sink. An error refuses that.
   */
  int (*link_validate)(struct mediadev_entity *sink, unsigned int pad, const struct mediadev_link_info *link, void *user_data);
  /**
   * A request is to be queued; an error refuses that: -ENOENT for one that has nothing in it. May be NULL.
   */
  int (*request_validate)(struct mediadev_request *request, void *user_data);
  /**
   * A request has been queued: mediadev_request_complete() when it is done, from here or later. NULL: the device has no requests.
   */
  void (*request_queue)(struct mediadev_request *request, void *user_data);
} mediadev_ops;

/**
 * Is told of an open handle, which is held during the call; anything but 0 ends the walk.
 */
typedef int (*mediadev_file_visit)(struct mediadev_file *file, void *user_data);

/**
 * A pipeline, to be started and stopped by those who stream. Yours: set it to zeros before it is first used, and let nobody else write
 * to it. It holds nothing; what has been started belongs to the device.
 */
typedef struct mediadev_pipeline {
  /**
   * The library's
   */
  uint64_t id;
} mediadev_pipeline;

/**
 * A rectangle in pixels.
 */
typedef struct mediadev_rect {
  /**
   * From the left
   */
  int32_t left;
  /**
   * From the top
   */
  int32_t top;
  /**
   * To the right
   */
  uint32_t width;
  /**
   * Downwards
   */
  uint32_t height;
} mediadev_rect;

/**
 * What flows through a pad. Set \p size to its size; members may be added at its end. What \p told does not have is 0, and left alone
 * when it is set.
 */
typedef struct mediadev_format {
  /**
   * sizeof(struct mediadev_format)
   */
  size_t size;
  /**
   * MEDIADEV_FORMAT_ of what is told
   */
  uint32_t told;
  /**
   * Of a frame, in pixels
   */
  uint32_t width;
  /**
   * Of a frame, in pixels
   */
  uint32_t height;
  /**
   * MEDIA_BUS_FMT_ of linux/media-bus-format.h
   */
  uint32_t code;
  /**
   * V4L2_FIELD_ of linux/videodev2.h
   */
  uint32_t field;
  /**
   * V4L2_COLORSPACE_
   */
  uint32_t colorspace;
  /**
   * V4L2_XFER_FUNC_
   */
  uint32_t xfer_func;
  /**
   * V4L2_YCBCR_ENC_
   */
  uint32_t ycbcr_enc;
  /**
   * V4L2_QUANTIZATION_
   */
  uint32_t quantization;
  /**
   * What is taken of what comes in
   */
  struct mediadev_rect crop;
  /**
   * Where that is put
   */
  struct mediadev_rect compose;
  /**
   * Of the seconds from one frame to the next
   */
  uint32_t interval_numerator;
  /**
   * Of the seconds from one frame to the next
   */
  uint32_t interval_denominator;
} mediadev_format;

/**
 * An entity of a graph. Set \p size to its size; members may be added at its end. Functions and flags are those of linux/media.h.
 */
typedef struct mediadev_entity_info {
  /**
   * sizeof(struct mediadev_entity_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * MEDIA_ENT_F_, or a number that has no name yet
   */
  uint32_t function;
  /**
   * MEDIA_ENT_FL_
   */
  uint32_t flags;
  /**
   * How many pads it has
   */
  uint32_t num_pads;
  /**
   * How many data links there are at its pads
   */
  uint32_t num_links;
  /**
   * What it is called; ends with NUL
   */
  char name[64];
} mediadev_entity_info;

/**
 * A pad of a graph. Set \p size to its size; members may be added at its end.
 */
typedef struct mediadev_pad_info {
  /**
   * sizeof(struct mediadev_pad_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * Whose pad it is
   */
  uint32_t entity_id;
  /**
   * Which of its pads
   */
  uint32_t index;
  /**
   * MEDIA_PAD_FL_
   */
  uint32_t flags;
} mediadev_pad_info;

/**
 * An interface of a graph: a device node. Set \p size to its size; members may be added at its end.
 */
typedef struct mediadev_interface_info {
  /**
   * sizeof(struct mediadev_interface_info)
   */
  size_t size;
  /**
   * No other thing of the graph has it
   */
  uint32_t id;
  /**
   * MEDIA_INTF_T_, or a number that has no name yet
   */
  uint32_t kind;
  /**
   * None are known
   */
  uint32_t flags;
  /**
   * The device node's numbers
   */
  uint32_t major;
  /**
   * The device node's numbers
   */
  uint32_t minor;
} mediadev_interface_info;

/**
 * Is told of one entity, which is valid during the call; anything but 0 ends the walk.
 */
typedef int (*mediadev_visit)(const struct mediadev_entity_info *entity, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as "0.1.0".
 */
const char *mediadev_version(void);

/**
 * The sentence behind the last error of this thread. It names what went wrong where: device, entity, pad, link, the call that
 * failed.
 *
 * Borrowed: valid until the next call into this library on this thread. Never NULL; empty before the first error. A call
 * that succeeds leaves it alone. Ask for it in a statement of its own: in printf("%d %s", f(), mediadev_last_error()) it may be asked
 * for before f() is called, which frees it.
 */
const char *mediadev_last_error(void);

/**
 * Frees what this library returned to be freed so; NULL is allowed.
 */
void mediadev_free(void *memory);

/**
 * Sends the library's messages to \p callback, from any thread and without a lock held; NULL sends them nowhere.
 *
 * \p destroy, which may be NULL, is called with \p user_data when another callback has taken the place and no thread is in
 * this one any more.
 *
 * Returns 0.
 */
int mediadev_set_log_callback(mediadev_log_callback callback, void *user_data, mediadev_destroy destroy);

/**
 * Remembers who takes references from now on: 0 nobody, 1 the tag (mediadev_set_tag()) and thread of each taker, 2 a backtrace
 * too. The environment variable HOLDFAST_TRACK sets the level that a program starts with. Off it costs a branch.
 *
 * Returns 0, or -EINVAL for another level.
 */
int mediadev_set_tracking(uint32_t level);

/**
 * What the holders' list calls references that this thread takes from now on; NULL for nothing. Copied.
 *
 * Returns 0, or -EINVAL if it is not UTF-8.
 */
int mediadev_set_tag(const char *tag);

/**
 * Lists who holds references that were taken since tracking began, a line for each: *\p report is the caller's, to be freed with
 * mediadev_free(). For a program that finds devices still held when it ends.
 *
 * Returns the number of lines, or -EINVAL for NULL, -ENOMEM.
 */
int mediadev_holders(char **report);

/**
 * Makes a device that this process provides. Nobody sees it before mediadev_register(): its graph can be built meanwhile. Versions
 * that are 0 in \p info are filled in. \p ops may be NULL for a device that has a graph and nothing else; both are copied.
 *
 * The device lives as long as anybody holds it: its owner, an open handle, an entity, a request, a running call, and the device
 * itself while it is registered. When the last of them lets go, on his thread and without a lock of the library: ops->before_free
 * is called, with the graph still there; the graph is freed with what the program has at its entities; what mediadev_manage() bound
 * is freed, the last first; ops->after_free is called. That order holds for a device that never was registered too. If this function
 * fails, ops->after_free is called before it returns. (Not if the size of \p ops is not one: then the library does not know it.)
 *
 * Returns a reference (drop it with mediadev_device_put()), or NULL with errno: EINVAL \p info is NULL or a text in it does not end;
 * E2BIG a struct that is newer than the library has something set in it.
 */
struct mediadev_device *mediadev_device_new(const struct mediadev_info *info,
                                            const struct mediadev_ops *ops,
                                            void *user_data);

/**
 * Gives the drivers of one piece of hardware one device: who asks for the same bus id gets the same, as long as anybody holds it. The
 * next one is made when nothing of the last one is left, its ops->after_free included; who asks meanwhile waits for that, but not
 * for ever. \p owner stands in mediadev_holders() for who asked. Both are copied.
 *
 * The first one to get it makes a device of it with mediadev_device_init() and registers it.
 *
 * Returns a reference (drop it with mediadev_device_put()), or NULL with errno: EINVAL a NULL argument or an empty bus id; EBUSY the
 * last one is being freed, and that takes longer than ten seconds or calls this function.
 */
struct mediadev_device *mediadev_allocator_get(const char *bus_id,
                                               const char *owner);

/**
 * Makes a device of what mediadev_allocator_get() gave. As mediadev_device_new() otherwise.
 *
 * Returns 0, or -EBUSY another one has done it before, which is no error where drivers share; -EINVAL a NULL argument, or a text that
 * does not end; -E2BIG.
 */
int mediadev_device_init(struct mediadev_device *device,
                         const struct mediadev_info *info,
                         const struct mediadev_ops *ops,
                         void *user_data);

/**
 * Adds a reference; returns its argument, NULL for NULL. In before_free, when there is none left, NULL with errno ENODEV.
 */
struct mediadev_device *mediadev_device_get(struct mediadev_device *device);

/**
 * Drops a reference; NULL is allowed. The last one frees the device: mediadev_device_new().
 */
void mediadev_device_put(struct mediadev_device *device);

/**
 * From now on the device can be opened. It holds itself until mediadev_unregister().
 *
 * Returns 0, or -EBUSY it is registered, or was: that is for once; -EINVAL NULL, a device without names of a driver and a model, or one
 * of the allocator that nobody has made a device of; -ENODEV it is being freed.
 */
int mediadev_register(struct mediadev_device *device);

/**
 * Ends the life of a device in public. From the return on it cannot be opened, and whatever begins later fails with -ENODEV; poll says
 * POLLERR and POLLHUP. Those who sleep wake up with that; what runs goes on, on valid memory, to its end. Never waits for any of it:
 * that is mediadev_drain(). May be called from anywhere, also from an operation of the device.
 *
 * Handles that are open are closed by those who have them, for which ops->close is still called. Again, or on a device that is not
 * registered, it does nothing.
 *
 * Returns 0, or -EINVAL for NULL.
 */
int mediadev_unregister(struct mediadev_device *device);

/**
 * Waits until no operation of a device that was unregistered runs any more. A negative \p timeout_ms waits for ever, 0 only asks.
 * Handles that are still open do not count, only what runs.
 *
 * Returns 0, or -ETIMEDOUT something was still running, or the device has not been unregistered; -EDEADLK one of its operations
 * calls; -EINVAL for NULL.
 */
int mediadev_drain(struct mediadev_device *device,
                   int timeout_ms);

/**
 * Returns 1 if the device can be opened, 0 if not, at some moment; -EINVAL for NULL.
 */
int mediadev_is_registered(struct mediadev_device *device);

/**
 * Tells what the device says of itself. Set \p info->size before.
 *
 * Returns 0, or -EINVAL a NULL argument, a wrong size, or a device of the allocator that nobody has made a device of.
 */
int mediadev_device_info(struct mediadev_device *device, struct mediadev_info *info);

/**
 * The number of the device, which no other device of this process has or had: it tells one from another that took its place. 0 with
 * errno EINVAL for NULL.
 */
uint64_t mediadev_device_generation(struct mediadev_device *device);

/**
 * The graph of the device as it is now, whether that is registered or not, also in before_free. Costs a reference if it has not changed
 * since somebody last asked.
 *
 * Returns a reference (drop it with mediadev_topology_put()), or NULL with errno EINVAL for NULL.
 */
struct mediadev_topology *mediadev_device_topology(struct mediadev_device *device);

/**
 * The entity that has this id.
 *
 * Returns a reference (drop it with mediadev_entity_put()), or NULL with errno: ENOENT there is none now, EINVAL for NULL, ENODEV the
 * device is being freed.
 */
struct mediadev_entity *mediadev_device_entity(struct mediadev_device *device,
                                               uint32_t id);

/**
 * Binds a resource to the device: \p free is called with it once, when the device is freed and not when it is unregistered; what was
 * bound last is freed first. If this function fails, \p free is called before it returns.
 *
 * Returns 0, or -EINVAL \p device or \p free is NULL.
 */
int mediadev_manage(struct mediadev_device *device,
                    void *resource,
                    mediadev_destroy free);

/**
 * Has those who wait look again: ops->poll is asked anew, and calls for which ops->ioctl said MEDIADEV_NOT_YET are tried again. To be
 * called after whatever makes the one or the other say something else. Never waits; costs nothing else where nobody waits.
 *
 * Returns 0, or -EINVAL for NULL.
 */
int mediadev_notify(struct mediadev_device *device);

/**
 * Calls \p visit for every handle that is open now, in no order; not for one that ops->open has yet to grant. It may close and open
 * handles.
 *
 * Returns 0, or what \p visit returned to end it; -EINVAL a NULL argument.
 */
int mediadev_device_files(struct mediadev_device *device,
                          mediadev_file_visit visit,
                          void *user_data);

/**
 * Adds an interface, a device node that the graph tells of: \p kind is one of MEDIA_INTF_T_ or a number of your own, \p major and
 * \p minor are those of its node. *\p id is its id.
 *
 * Returns 0, or -ENODEV the device has been unregistered; -ENOSPC no id is left; -EINVAL a NULL argument.
 */
int mediadev_interface_add(struct mediadev_device *device,
                           uint32_t kind,
                           uint32_t flags,
                           uint32_t major,
                           uint32_t minor,
                           uint32_t *id);

/**
 * Takes an interface out, with its links.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL for NULL.
 */
int mediadev_interface_remove(struct mediadev_device *device, uint32_t id);

/**
 * Adds an entity to the graph of a device that has not been unregistered: \p n pads with these MEDIA_PAD_FL_ flags, each a sink or a
 * source; NULL with \p n 0 for none. \p function is one of MEDIA_ENT_F_ or a number of your own. The name, of 1 to 63 bytes, is copied.
 *
 * The entity stays in the graph when the reference is put, until mediadev_entity_remove(). The reference holds the device.
 *
 * Returns a reference (drop it with mediadev_entity_put()), or NULL with errno: EINVAL a NULL argument, a name that is none, more than
 * 512 pads, wrong flags: mediadev_last_error() says which; ENODEV the device has been unregistered; ENOSPC no ids are left.
 */
struct mediadev_entity *mediadev_entity_add(struct mediadev_device *device,
                                            const char *name,
                                            uint32_t function,
                                            const uint32_t *pad_flags,
                                            size_t n);

/**
 * Takes an entity out of the graph, with its links. Whoever holds it can still ask for its name and id, and whether it is attached.
 * Its id is not used again.
 *
 * Returns 0, or -EBUSY data flows through it; -ENOENT it is not in the graph any more; -EINVAL for NULL.
 */
int mediadev_entity_remove(struct mediadev_entity *entity);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_entity *mediadev_entity_get(struct mediadev_entity *entity);

/**
 * Drops a reference; NULL is allowed. An entity of the graph stays there.
 */
void mediadev_entity_put(struct mediadev_entity *entity);

/**
 * The id of the entity, also when it is detached. 0 with errno EINVAL for NULL.
 */
uint32_t mediadev_entity_id(struct mediadev_entity *entity);

/**
 * What the entity is called, also when it is detached. Borrowed: valid as long as it is held. NULL with errno EINVAL for NULL.
 */
const char *mediadev_entity_name(struct mediadev_entity *entity);

/**
 * The function of the entity, also when it is detached. 0 (MEDIA_ENT_F_UNKNOWN) with errno EINVAL for NULL.
 */
uint32_t mediadev_entity_function(struct mediadev_entity *entity);

/**
 * How many pads the entity has, or had. 0 with errno EINVAL for NULL.
 */
unsigned int mediadev_entity_num_pads(struct mediadev_entity *entity);

/**
 * Returns 1 if the entity is in the graph of its device, 0 if it was taken out, at some moment; -EINVAL for NULL.
 */
int mediadev_entity_is_attached(struct mediadev_entity *entity);

/**
 * The device of the entity. Returns a reference (drop it with mediadev_device_put()), or NULL with errno EINVAL for NULL.
 */
struct mediadev_device *mediadev_entity_device(struct mediadev_entity *entity);

/**
 * Tells the id of a pad of the entity.
 *
 * Returns 0, or -ENOENT the entity is not in the graph any more; -EINVAL no such pad, or a NULL argument.
 */
int mediadev_entity_pad_id(struct mediadev_entity *entity, unsigned int pad, uint32_t *id);

/**
 * Gives the entity its MEDIA_ENT_FL_ flags, of which it has none at first.
 *
 * Returns 0, or -ENOENT it is not in the graph any more; -EINVAL for NULL.
 */
int mediadev_entity_set_flags(struct mediadev_entity *entity, uint32_t flags);

/**
 * What the program has at the entity, NULL for nothing: mediadev_entity_set_context(). NULL with errno EINVAL for NULL.
 */
void *mediadev_entity_context(struct mediadev_entity *entity);

/**
 * Keeps a pointer at the entity. \p destroy, which may be NULL, is called with it once: when another one takes its place; when the
 * entity is not in the graph any more and nobody holds it; or with the graph, when the device is freed. If this function fails, before
 * it returns.
 *
 * Returns 0, or -EINVAL \p entity is NULL.
 */
int mediadev_entity_set_context(struct mediadev_entity *entity,
                                void *pointer,
                                mediadev_destroy destroy);

/**
 * Links a source pad to a sink pad of another entity, or of the same one, with MEDIA_LNK_FL_ENABLED, _IMMUTABLE and _DYNAMIC as wanted.
 * Nobody is asked.
 *
 * Returns 0, or -EEXIST there is such a link; -EINVAL a NULL argument, no such pad, one that is no source or no sink, an unknown flag,
 * entities of two devices; -ENOENT an entity that is not in the graph any more; -ENODEV the device has been unregistered; -ENOSPC.
 */
int mediadev_link_add(struct mediadev_entity *source,
                      unsigned int source_pad,
                      struct mediadev_entity *sink,
                      unsigned int sink_pad,
                      uint32_t flags);

/**
 * Takes that link out. Nobody is asked.
 *
 * Returns 0, or -EBUSY data flows through it; -ENOENT there is no such link; -EINVAL a NULL argument, entities of two devices.
 */
int mediadev_link_remove(struct mediadev_entity *source,
                         unsigned int source_pad,
                         struct mediadev_entity *sink,
                         unsigned int sink_pad);

/**
 * Tells what that link is now. Set \p info->size before.
 *
 * Returns 0, or -ENOENT there is no such link; -EINVAL a NULL argument, a wrong size, entities of two devices.
 */
int mediadev_link_find(struct mediadev_entity *source,
                       unsigned int source_pad,
                       struct mediadev_entity *sink,
                       unsigned int sink_pad,
                       struct mediadev_link_info *info);

/**
 * Changes the flags of that link, as MEDIA_IOC_SETUP_LINK does. Only MEDIA_LNK_FL_ENABLED can change, and nothing of an immutable
 * link; the flags that it has are no change, and nobody is asked. Otherwise ops->link_notify is told, ops->link_setup of the source
 * and of the sink are asked, and ops->link_notify is told how it ended. Changes come one after the other; from inside of one another
 * link may be changed.
 *
 * Returns 0, or -EBUSY data flows at a pad of a link that is not dynamic; -EINVAL there is no such link, other flags, a NULL argument,
 * entities of two devices; -ENODEV the device has been unregistered; -ENOENT the link was taken out meanwhile; -EDEADLK it would wait
 * for a thread that waits for the caller; what ops->link_setup said.
 */
int mediadev_link_setup(struct mediadev_entity *source,
                        unsigned int source_pad,
                        struct mediadev_entity *sink,
                        unsigned int sink_pad,
                        uint32_t flags);

/**
 * Says that the interface with this id controls the entity: a link of that kind. \p flags is MEDIA_LNK_FL_ENABLED as a rule.
 *
 * Returns 0, or -ENOENT no such interface, or the entity is not in the graph any more; -EINVAL an unknown flag or NULL; -ENODEV the
 * device has been unregistered; -ENOSPC.
 */
int mediadev_interface_link(struct mediadev_entity *entity,
                            uint32_t interface_id,
                            uint32_t flags);

/**
 * Says that \p ancillary belongs to \p primary, as a lens does to its sensor: a link of that kind.
 *
 * Returns 0, or -ENOENT one of them is not in the graph any more; -EINVAL a NULL argument, entities of two devices; -ENODEV the device
 * has been unregistered; -ENOSPC.
 */
int mediadev_ancillary_link(struct mediadev_entity *primary,
                            struct mediadev_entity *ancillary);

/**
 * Starts a pipeline at a pad. All pads of the entity belong to it, and those of all entities that can be reached along enabled links,
 * in either direction; links between them are validated by ops->link_validate. Pipelines nest: started again, it is counted, and what
 * has become reachable since joins it.
 *
 * Returns 0, or -EBUSY a pad is in another pipeline; -ENOLINK a pad that must be connected has no enabled link; what
 * ops->link_validate said; -EINVAL no such pad, a NULL argument; -ENOENT an entity that is not in the graph any more; -ENODEV the device
 * has been unregistered; -EDEADLK. After an error nothing has changed.
 */
int mediadev_pipeline_start(struct mediadev_entity *entity,
                            unsigned int pad,
                            struct mediadev_pipeline *pipeline);

/**
 * Stops a pipeline: one start less. After the last one its pads are free. \p pad is any pad of it. Works on a device that has been
 * unregistered too.
 *
 * Returns 0, or -EINVAL the pad is not in this pipeline, no such pad, a NULL argument; -ENOENT the entity is not in the graph any more.
 */
int mediadev_pipeline_stop(struct mediadev_entity *entity,
                           unsigned int pad,
                           struct mediadev_pipeline *pipeline);

/**
 * Returns 1 if the pad is in a pipeline that has been started, 0 if not, at some moment; -ENOENT the entity is not in the graph any
 * more; -EINVAL no such pad, or NULL.
 */
int mediadev_pad_is_streaming(struct mediadev_entity *entity,
                              unsigned int pad);

/**
 * Makes the character device /dev/NAME for a registered device, through the kernel's CUSE, so that any program can open it. Programs
 * that look for media devices want a \p name of "media" and a number; take one that no driver will soon want. It needs the right to
 * open /dev/cuse, which is root's, and the module cuse.
 *
 * Every open is an open handle of the device, as by mediadev_file_open(), and every call is answered as mediadev_file_ioctl() would.
 * But callers are other programs. MEDIA_IOC_REQUEST_ALLOC is -ENOTTY to them: a file descriptor cannot be handed over. A graph of which
 * more than 128 KiB are asked for at once is -ENOMEM. ops->ioctl gets a copy of the argument, as long as its number says (_IOC_SIZE);
 * addresses in it are those of another program and must never be followed: mediadev_file_is_exported(). If the number says no length, arg
 * is the bare number that the caller gave, and no address. A caller of 32 bits has structs of its own: where they differ, so does the
 * number that says their length. Where ops->ioctl says that it has nothing yet, the caller sleeps; a signal ends that with EINTR.
 *
 * Nothing is answered until somebody serves: mediadev_export_serve() or mediadev_export_start(). Whoever opens the node on the thread
 * that is to serve it waits for ever. A process had better not end with its own node open: the kernel may wait for the answer to the
 * closing, which nobody is left to give.
 *
 * When the device is unregistered, the node is gone when mediadev_unregister() returns. Programs that have it open get ENODEV, POLLERR
 * and POLLHUP, as long as it is served; when the last of them has closed it, the export ends. If this process dies, the kernel takes the
 * node away; what runs fails with ECONNABORTED, what comes later with ENOTCONN. A program that dies is closed. A child that fork() made
 * and that executes nothing has the channel too: as long as it lives, the node of a dead parent stays, and nobody answers.
 *
 * The export holds the device. Returns a reference (drop it with mediadev_export_put()), or NULL with errno: ENODEV the device is not
 * registered; EEXIST there is such a node, or such a device of CUSE; EINVAL NULL, or no name for a node; ENOENT, EACCES /dev/cuse, or
 * ENOENT the system made no node; ETIMEDOUT the kernel did not answer; EMFILE.
 */
struct mediadev_export *mediadev_export_cuse(struct mediadev_device *device,
                                             const char *name);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_export *mediadev_export_get(struct mediadev_export *export_);

/**
 * Drops a reference; NULL is allowed. The last one ends the export at once: the node is gone, handles that programs have are closed on
 * the device, and those programs get ENOTCONN. Does not wait for a thread of mediadev_export_start(), which holds the device until
 * its call is over. To let programs see ENODEV instead, mediadev_export_stop() first, and serve until that ends.
 */
void mediadev_export_put(struct mediadev_export *export_);

/**
 * A file descriptor for poll(): readable when mediadev_export_serve() has something to do, or when the export has ended. Borrowed: do not
 * read or close it.
 *
 * Returns it, or -EINVAL for NULL.
 */
int mediadev_export_fd(struct mediadev_export *export_);

/**
 * Waits until a program wants something, or the device has something to tell those that wait, at most \p timeout_ms milliseconds, and
 * does that much; a negative limit is none, 0 does not wait. The device's operations are called from here; as long as one of them runs,
 * only other threads that serve answer other calls. Costs three system calls for a request, and allocates.
 *
 * Returns how many messages were read and written, 0 if the time was over; -ENODEV the export has ended: it can be put; -EINTR a signal
 * came; -EINVAL for NULL; what the system said of /dev/cuse.
 */
int mediadev_export_serve(struct mediadev_export *export_,
                          int timeout_ms);

/**
 * Starts a thread that serves until the export ends. Signals that the caller has blocked are blocked there too. Other threads may serve
 * beside it.
 *
 * Returns 0, or -EBUSY one has been started; -EAGAIN the system has no room for a thread; -EINVAL for NULL.
 */
int mediadev_export_start(struct mediadev_export *export_);

/**
 * Takes the node away; the device lives on. Programs that have it open get ENODEV, POLLERR and POLLHUP from now on, those that sleep too;
 * their handles on the device are closed. The export ends when the last of them has closed the node, and is to be served until then.
 * Never waits. Stopping it again does nothing.
 *
 * Returns 0, or -EINVAL for NULL; what the system said of /dev/cuse.
 */
int mediadev_export_stop(struct mediadev_export *export_);

/**
 * Opens a device that is registered. ops->open is asked, if there is one. The handle holds the device. Costs one allocation.
 *
 * Returns a reference (drop it with mediadev_file_close()), or NULL with errno: ENODEV the device is not registered, or not any more;
 * what ops->open said; EINVAL for NULL.
 */
struct mediadev_file *mediadev_file_open(struct mediadev_device *device);

/**
 * Adds a reference; returns its argument, NULL for NULL. In ops->close, when there is none left, NULL with errno ENODEV.
 */
struct mediadev_file *mediadev_file_get(struct mediadev_file *file);

/**
 * Drops a reference; NULL is allowed. As mediadev_file_close().
 */
void mediadev_file_put(struct mediadev_file *file);

/**
 * Drops a reference; NULL is allowed. With the last one the handle is closed: when no call runs in it any more, on the thread that was
 * last, ops->close is called, its context is freed, and the device let go. May be called while calls run, also by one of them: they
 * end on valid memory.
 */
void mediadev_file_close(struct mediadev_file *file);

/**
 * Does what ioctl() does on a device node. Calls of the media interface (MEDIA_IOC_DEVICE_INFO, _ENUM_ENTITIES, _ENUM_LINKS,
 * _SETUP_LINK, _G_TOPOLOGY, _REQUEST_ALLOC) are answered by the library as the kernel would answer them, others by ops->ioctl.
 * MEDIA_IOC_REQUEST_ALLOC gives a file descriptor that is yours to close: mediadev_request_by_fd(). A call that ops->ioctl has
 * nothing for yet sleeps. Allocates nothing on its way to ops->ioctl.
 *
 * Returns what the call returns, 0 for those of the media interface; -ENODEV the device has been unregistered, also while it slept;
 * -ENOTTY nobody knows the call; -EFAULT \p arg, or what it points to, is no address; the kernel's own errors: -EINVAL no such entity
 * or link or other flags, -ENOSPC no room for a graph that has grown, and those of mediadev_link_setup(); what ops->ioctl said;
 * -EINVAL \p file is NULL.
 */
int mediadev_file_ioctl(struct mediadev_file *file,
                        uint32_t request,
                        void *arg);

/**
 * The same for who cannot sleep for ever: a call that ops->ioctl has nothing for within \p timeout_ms milliseconds (negative: for
 * ever) comes to nothing.
 *
 * Returns as mediadev_file_ioctl(), or MEDIADEV_NOT_YET after the time.
 */
int mediadev_file_ioctl_timeout(struct mediadev_file *file,
                                uint32_t request,
                                void *arg,
                                int timeout_ms);

/**
 * Whether another program has opened the node of an export, and this handle is its. Addresses in the argument of such a call are that
 * program's: ops->ioctl must not follow them.
 *
 * Returns 0 or 1, or -EINVAL for NULL.
 */
int mediadev_file_is_exported(struct mediadev_file *file);

/**
 * Waits until there is something to tell, at most \p timeout_ms milliseconds, for ever if that is negative: what ops->poll says, asked
 * first and after every mediadev_notify(), or POLLERR | POLLHUP once the device has been unregistered.
 *
 * Returns that; 0 after the time; POLLNVAL for NULL.
 */
uint32_t mediadev_file_poll(struct mediadev_file *file,
                            int timeout_ms);

/**
 * What the program has at the handle, NULL for nothing: mediadev_file_set_context(). Takes no lock. NULL with errno EINVAL for NULL.
 */
void *mediadev_file_context(struct mediadev_file *file);

/**
 * Keeps a pointer at the handle, in ops->open as a rule. \p destroy, which may be NULL, is called with it once: when another one takes
 * its place, or after ops->close. If this function fails, before it returns.
 */
void mediadev_file_set_context(struct mediadev_file *file,
                               void *pointer,
                               mediadev_destroy destroy);

/**
 * The device of the handle. Returns a reference (drop it with mediadev_device_put()), or NULL with errno EINVAL for NULL.
 */
struct mediadev_device *mediadev_file_device(struct mediadev_file *file);

/**
 * The graph of the device as it is now. Costs a reference if it has not changed since somebody last asked.
 *
 * Returns a reference (drop it with mediadev_topology_put()), or NULL with errno: ENODEV the device has been unregistered; EINVAL for
 * NULL.
 */
struct mediadev_topology *mediadev_topology_of(struct mediadev_file *file);

/**
 * Changes the flags of the link between two pads, by their ids. As mediadev_link_setup().
 *
 * Returns what that returns; -ENOENT no pad has the id.
 */
int mediadev_file_setup_link(struct mediadev_file *file, uint32_t source_pad_id, uint32_t sink_pad_id, uint32_t flags);

/**
 * Tells what flows through a pad of a sub-device, and through which stream of it (0 where there is one). Set \p format->size before.
 * \p format->told says what the driver knows of.
 *
 * Returns 0, or -ENOENT there is no such pad, or its entity is no sub-device with a node; -EINVAL a NULL argument, a wrong size, or the
 * pad has no format; -ENOTTY the kernel knows no streams; -ENODEV the device is gone; that of open(), -EACCES for one.
 */
int mediadev_get_format(struct mediadev_node *node,
                        uint32_t pad_id,
                        uint32_t stream,
                        struct mediadev_format *format);

/**
 * Sets what flows through a pad of a sub-device: what \p format->told says. *\p format is then what the driver has made of it. What is
 * set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
 *
 * Returns as mediadev_get_format(), and -EBUSY data flows; what the driver says.
 */
int mediadev_set_format(struct mediadev_node *node,
                        uint32_t pad_id,
                        uint32_t stream,
                        struct mediadev_format *format);

/**
 * Sets what flows through pads in media-ctl's notation, that of its option -V:
 * "'Sensor A':0[fmt:SRGGB8_1X8/640x480 field:none @1/30], 'Scaler':0[crop:(0,0)/320x240]". Properties are fmt:, field:, colorspace:,
 * xfer:, ycbcr:, quantization:, crop:, compose: and @, with the names that media-ctl has; a code may also be a number, 0x3014. A
 * stream other than the first stands behind the pad: 'mux':0/1.
 *
 * All of it is read, and everything in it found, before the first pad is changed; then one is changed after the other, until one cannot
 * be. What is set at a source pad is set at the sub-devices too that its enabled links lead to, as far as they take it.
 *
 * Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity or pad, or the
 * entity is no sub-device with a node; -ENOTUNIQ several entities have the name; -EBUSY data flows; -ENOTTY the driver does not know
 * the property, or the kernel no streams; -ENODEV the device is gone; what the driver says, and what open() does.
 */
int mediadev_set_formats(struct mediadev_node *node,
                         const char *formats);

/**
 * Tells what flows through a pad ("'Sensor A':0"), or with NULL through all pads of all sub-devices, in the notation of
 * mediadev_set_formats(), to which it can be given again. *\p formats is the caller's, to be freed with mediadev_free().
 *
 * Returns 0, or as mediadev_get_format(); -EINVAL also where the text is wrong.
 */
int mediadev_get_formats(struct mediadev_node *node, const char *pad, char **formats);

/**
 * Sets the routes through sub-devices in media-ctl's notation, that of its option -R: "'mux'[0/0->2/0[1], 1/0->2/1[1]]", each from a
 * sink pad and stream to a source pad and stream; [1] makes it active. A sub-device then has these routes and no others.
 *
 * Returns as mediadev_set_formats(); -ENOTTY also where the sub-device has no routes.
 */
int mediadev_set_routes(struct mediadev_node *node,
                        const char *routes);

/**
 * Tells the routes through a sub-device ("'mux'"), or with NULL through each that has some, in the notation of mediadev_set_routes(), to
 * which it can be given again. *\p routes is the caller's, to be freed with mediadev_free().
 *
 * Returns as mediadev_get_formats(); -ENOTTY where the sub-device has no routes.
 */
int mediadev_get_routes(struct mediadev_node *node,
                        const char *entity,
                        char **routes);

/**
 * Copies the name of a media bus format with its NUL: that of linux/media-bus-format.h without MEDIA_BUS_FMT_, "SRGGB8_1X8". One that
 * has none is its number, "0x9999".
 *
 * Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
 */
int mediadev_name_format(uint32_t code,
                         char *name,
                         size_t size);

/**
 * Tells the media bus format that has this name, in either case, or one of media-ctl's shorter ones ("SRGGB8"), or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_format_called(const char *name,
                           uint32_t *code);

/**
 * Copies the name of an entity's function with its NUL: that of linux/media.h without MEDIA_ENT_F_, "CAM_SENSOR". One that has none
 * is its number, "0x12345".
 *
 * Returns its length; -ERANGE \p size is too small (64 is enough; with 0 nothing is copied), -EINVAL for NULL.
 */
int mediadev_name_function(uint32_t function,
                           char *name,
                           size_t size);

/**
 * Copies the name of an interface's type: that of linux/media.h without MEDIA_INTF_T_, "V4L_SUBDEV". As mediadev_name_function().
 */
int mediadev_name_interface(uint32_t kind,
                            char *name,
                            size_t size);

/**
 * Copies the names of an entity's flags with commas between them, "DEFAULT"; empty for none. As mediadev_name_function().
 */
int mediadev_name_entity_flags(uint32_t flags, char *name, size_t size);

/**
 * Copies the names of a pad's flags with commas between them, "SINK,MUST_CONNECT". As mediadev_name_function().
 */
int mediadev_name_pad_flags(uint32_t flags, char *name, size_t size);

/**
 * Copies the names of a link's flags with commas between them, "ENABLED,IMMUTABLE"; which kind of link it is is not among them. As
 * mediadev_name_function().
 */
int mediadev_name_link_flags(uint32_t flags,
                             char *name,
                             size_t size);

/**
 * Tells the function that has this name, in either case, or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_function_called(const char *name, uint32_t *function);

/**
 * Tells the interface type that has this name, in either case, or is this number.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument.
 */
int mediadev_interface_called(const char *name, uint32_t *kind);

/**
 * Opens a media device of the kernel: by path ("/dev/media0"), by name ("media0"), by bus information ("platform:vimc") or by driver
 * ("vimc"). A path begins with "/", "./" or "../". By the last two it opens all of them to look.
 *
 * The node stays this device, also when another one gets its path. What it says of itself answers after it has gone; everything
 * that needs the device is -ENODEV then.
 *
 * Returns a reference (drop it with mediadev_node_put()), or NULL with errno: ENOENT there is none; ENOTUNIQ several devices have the
 * driver or bus information; EINVAL it is not a media device, or a NULL argument; ENODEV it has just gone; that of open(), EACCES for
 * one, also where a device that could not be opened may be the one that is meant.
 */
struct mediadev_node *mediadev_open(const char *key);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_node *mediadev_node_get(struct mediadev_node *node);

/**
 * Drops a reference; NULL is allowed. The last one closes the device. Topologies do not need their node, requests hold it.
 */
void mediadev_node_put(struct mediadev_node *node);

/**
 * Lists the media devices of the kernel by number: copies the name that follows \p prev, the first one for NULL, into \p name with
 * its NUL; both may be the same buffer. A device that comes or goes meanwhile does not disturb the list.
 *
 * Returns the length of the name, or 0 if there is no further one; -ERANGE \p size is too small (32 is enough; with 0 nothing is
 * copied), -EINVAL a NULL argument.
 */
int mediadev_next(const char *prev,
                  char *name,
                  size_t size);

/**
 * The last part of the path that the node was opened by, "media0". Borrowed: valid as long as the node is held, also when the device
 * has gone. NULL with errno EINVAL for NULL.
 */
const char *mediadev_node_name(struct mediadev_node *node);

/**
 * Tells what the device said of itself when it was opened. Set \p info->size before. The kernel is not asked.
 *
 * Returns 0, or -EINVAL a NULL argument or a wrong size.
 */
int mediadev_info(struct mediadev_node *node, struct mediadev_info *info);

/**
 * Returns 1 if the device is there, 0 if it has gone, at some moment; -EINVAL for NULL.
 */
int mediadev_node_is_alive(struct mediadev_node *node);

/**
 * A file descriptor for ioctl(), and for poll(), which says POLLERR or POLLHUP when the device has gone. The kernel wakes nobody who
 * sleeps in poll() when a media device goes: give it a time limit, or use mediadev_wait_gone(). Borrowed: do not close it.
 *
 * Returns it, or -EINVAL for NULL.
 */
int mediadev_node_fd(struct mediadev_node *node);

/**
 * Waits until the device has gone, no longer than \p timeout_ms; a negative limit is none. Looks twenty times a second, for the kernel
 * wakes nobody then.
 *
 * Returns 0 it has gone, -ETIMEDOUT it is still there, -EINTR a signal was handled, -EINVAL for NULL.
 */
int mediadev_wait_gone(struct mediadev_node *node,
                       int timeout_ms);

/**
 * Reads the graph as it is now. One call of the kernel as a rule; the first time, and where the graph has grown, up to three. A graph
 * that changes meanwhile is read again, and one that has not changed is the topology that was read last. From a kernel before 4.5 all
 * that its older interface tells, with ids of pads, links and interfaces that are made up.
 *
 * Returns a reference (drop it with mediadev_topology_put()), or NULL with errno: ENODEV the device is gone; EAGAIN the graph changed
 * all the time; EBADMSG the device tells what makes no sense; ENOSPC there are more than 65536 of a kind; EINVAL for NULL; ENOMEM.
 */
struct mediadev_topology *mediadev_topology_read(struct mediadev_node *node);

/**
 * Sets the flags of the link between two pads, by their ids in any topology of this node: 0, or MEDIA_LNK_FL_ENABLED. What other flags
 * the link has must be told as they are. One call of the kernel where the pads are known from the last topology that was read.
 *
 * Returns 0, or -EBUSY data flows and the link is not one to be changed then; -EINVAL there is no such link, or it cannot be changed
 * so, or a NULL argument; -ENOENT there is no such pad; -ENODEV the device is gone; what the driver says, which may refuse.
 */
int mediadev_setup_link(struct mediadev_node *node,
                        uint32_t source_pad_id,
                        uint32_t sink_pad_id,
                        uint32_t flags);

/**
 * Sets up links in media-ctl's notation: "'Sensor A':0 -> 'Debayer A':0 [1], 3:1 -> 5:0 [0]". An entity is its name in single or double
 * quotes, or its id; a pad is its index; [1] enables. Other flags of the link need not be told.
 *
 * All of it is read, and everything in it found, before the first link is changed; then one is changed after the other, until one
 * cannot be.
 *
 * Returns 0, or -EINVAL the text is wrong (mediadev_last_error() says where), or NULL; -ENOENT there is no such entity, pad or link;
 * -ENOTUNIQ several entities have the name; and as mediadev_setup_link() and mediadev_topology_read().
 */
int mediadev_setup_links(struct mediadev_node *node,
                         const char *links);

/**
 * Disables every link that is enabled and is not immutable. Goes on where one cannot be disabled.
 *
 * Returns 0, or what the first one said that could not be: as mediadev_setup_link() and mediadev_topology_read().
 */
int mediadev_reset_links(struct mediadev_node *node);

/**
 * Makes a request to a device of the kernel: buffers and controls that its driver takes together. It is idle: to be filled through the
 * video nodes, which are told by its file descriptor what belongs to it, and then queued. It holds the node.
 *
 * Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the driver has no requests; ENODEV the device
 * is gone; EINVAL for NULL; EMFILE, ENOMEM.
 */
struct mediadev_request *mediadev_request_alloc(struct mediadev_node *node);

/**
 * Makes a request to a device of this process, idle. It holds the device and not the handle.
 *
 * Returns a reference (drop it with mediadev_request_put()), or NULL with errno: ENOTTY the device has no requests (ops->request_queue
 * is NULL); ENODEV it has been unregistered; EINVAL for NULL.
 */
struct mediadev_request *mediadev_file_request_alloc(struct mediadev_file *file);

/**
 * The request for which MEDIA_IOC_REQUEST_ALLOC gave this file descriptor in the same handle, or one that was duplicated from it. For
 * ops->ioctl, which may be given such a number.
 *
 * The request is held until the file descriptor has been closed: that is seen when the next one is given out, or when the handle is
 * closed.
 *
 * Returns a reference (drop it with mediadev_request_put()), or NULL with errno: EINVAL it is none, or a NULL argument; ENODEV the
 * device has been unregistered.
 */
struct mediadev_request *mediadev_request_by_fd(struct mediadev_file *file,
                                                int fd);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_request *mediadev_request_get(struct mediadev_request *request);

/**
 * Drops a reference; NULL is allowed. What a driver of the kernel has been given it carries out all the same.
 */
void mediadev_request_put(struct mediadev_request *request);

/**
 * Queues an idle request, if the provider agrees, or the kernel's driver.
 *
 * Returns 0, or -EBUSY it is not idle; what the provider or the driver says: -ENOENT there is nothing in it, as a rule; -ENODEV the device is gone;
 * -EINVAL for NULL.
 */
int mediadev_request_queue(struct mediadev_request *request);

/**
 * Makes a request idle again that is complete, or idle. Its context is freed.
 *
 * Returns 0, or -EBUSY it is queued; -ENODEV the device is gone; -EINVAL for NULL.
 */
int mediadev_request_reinit(struct mediadev_request *request);

/**
 * Waits until a queued request is complete, at most \p timeout_ms milliseconds, for ever if that is negative. One that is complete is
 * so whatever became of its device.
 *
 * Returns 0, or -ETIMEDOUT; -ENODEV the device went before; -EINVAL it is not queued, or NULL; -EINTR a signal was handled while the
 * kernel was waited for.
 */
int mediadev_request_wait(struct mediadev_request *request,
                          int timeout_ms);

/**
 * A file descriptor for poll(). That of a device of this process is readable (POLLIN) while the request is complete, and hangs up when
 * the device is unregistered. That of a device of the kernel has urgent data (POLLPRI) while the request is complete; it is also what
 * struct v4l2_buffer and struct v4l2_ext_controls take. Borrowed: do not read or close it.
 *
 * Returns it, or -EMFILE or -ENFILE where it has yet to be made; -EINVAL for NULL.
 */
int mediadev_request_fd(struct mediadev_request *request);

/**
 * The provider has done what a queued request asked for: who waits for it wakes up. May be called from ops->request_queue, and after
 * the device has been unregistered.
 *
 * Returns 0, or -EINVAL it is not queued, not of a device of this process, or NULL.
 */
int mediadev_request_complete(struct mediadev_request *request);

/**
 * What the program has at the request, NULL for nothing: mediadev_request_set_context(). NULL with errno EINVAL for NULL, or a request
 * to a device of the kernel.
 */
void *mediadev_request_context(struct mediadev_request *request);

/**
 * Keeps a pointer at a request, buffers and settings for one. \p destroy, which may be NULL, is called with it once: when another one
 * takes its place, when the request is made idle again, or when nobody holds it any more. If this function fails, before it returns.
 *
 * Returns 0, or -EINVAL \p request is NULL or is one to a device of the kernel.
 */
int mediadev_request_set_context(struct mediadev_request *request,
                                 void *pointer,
                                 mediadev_destroy destroy);

/**
 * Adds a reference; returns its argument, NULL for NULL.
 */
struct mediadev_topology *mediadev_topology_get(struct mediadev_topology *topology);

/**
 * Drops a reference; NULL is allowed. A topology needs neither its device nor an open handle.
 */
void mediadev_topology_put(struct mediadev_topology *topology);

/**
 * The version of the graph: it grows whenever something comes or goes. A link that is enabled or disabled does not change it. 0 with
 * errno EINVAL for NULL.
 */
uint64_t mediadev_topology_version(struct mediadev_topology *topology);

/**
 * Tells the graph of one device of this process from that of another one which took its place: each device has another number. 0 for
 * a device of the kernel, and with errno EINVAL for NULL.
 */
uint64_t mediadev_topology_generation(struct mediadev_topology *topology);

/**
 * How many there are of a kind, MEDIADEV_KIND_. 0 with errno EINVAL for another kind or NULL.
 */
unsigned int mediadev_topology_count(struct mediadev_topology *topology, uint32_t kind);

/**
 * Tells the entity at a place of the list, the first one at 0. Set \p info->size before.
 *
 * Returns 0, or -ENOENT the list is shorter, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_entity(struct mediadev_topology *topology, unsigned int index, struct mediadev_entity_info *info);

/**
 * Tells the pad at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_pad(struct mediadev_topology *topology, unsigned int index, struct mediadev_pad_info *info);

/**
 * Tells the link at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_link(struct mediadev_topology *topology, unsigned int index, struct mediadev_link_info *info);

/**
 * Tells the interface at a place of the list. As mediadev_topology_entity().
 */
int mediadev_topology_interface(struct mediadev_topology *topology,
                                unsigned int index,
                                struct mediadev_interface_info *info);

/**
 * Finds the first entity that is called \p glob, or else whose name matches it as a pattern of the shell (`*`, `?`, `[…]`). Set
 * \p info->size before.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_find(struct mediadev_topology *topology,
                           const char *glob,
                           struct mediadev_entity_info *info);

/**
 * Finds the entity that has this id. As mediadev_topology_find().
 */
int mediadev_topology_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_entity_info *info);

/**
 * Finds the entities that have this function: the first one for \p nth 0, and so on. As mediadev_topology_find().
 */
int mediadev_topology_by_function(struct mediadev_topology *topology,
                                  uint32_t function,
                                  unsigned int nth,
                                  struct mediadev_entity_info *info);

/**
 * Finds the first entity that the interface controls whose device node this is: "/dev/video0". As mediadev_topology_find(); -EINVAL also
 * where \p path is not a character device.
 */
int mediadev_topology_by_devnode(struct mediadev_topology *topology,
                                 const char *path,
                                 struct mediadev_entity_info *info);

/**
 * Finds the pad that has this id. Set \p info->size before.
 *
 * Returns 0, or -ENOENT there is none, -EINVAL a NULL argument or a wrong size.
 */
int mediadev_topology_pad_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_pad_info *info);

/**
 * Finds the link that has this id. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_link_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_link_info *info);

/**
 * Finds the interface that has this id. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_interface_by_id(struct mediadev_topology *topology, uint32_t id, struct mediadev_interface_info *info);

/**
 * Finds the pad of an entity that has this index, which media-ctl writes as 'entity':index. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_pad_of(struct mediadev_topology *topology,
                             uint32_t entity_id,
                             uint32_t index,
                             struct mediadev_pad_info *info);

/**
 * Finds the data links at a pad: the first one for \p nth 0, and so on. As mediadev_topology_pad_by_id().
 */
int mediadev_topology_link_of(struct mediadev_topology *topology,
                              uint32_t pad_id,
                              unsigned int nth,
                              struct mediadev_link_info *info);

/**
 * Tells the pad at the other end of the link of a pad that is enabled. Of several *\p remote is the first one.
 *
 * Returns 0, or -ENOLINK none is enabled, -ENOTUNIQ several are, -ENOENT no pad has the id, -EINVAL a NULL argument.
 */
int mediadev_topology_remote_pad(struct mediadev_topology *topology, uint32_t pad_id, uint32_t *remote);

/**
 * Calls \p visit for every entity that can be reached from one, itself first, the near ones before the far ones. \p direction is
 * MEDIADEV_UPSTREAM, MEDIADEV_DOWNSTREAM or both; it goes along enabled links, with MEDIADEV_ALL_LINKS along all data links.
 *
 * Returns 0, or what \p visit returned to end it; -ENOENT no entity has the id, -EINVAL a NULL argument, no direction, an unknown
 * flag.
 */
int mediadev_topology_walk(struct mediadev_topology *topology,
                           uint32_t entity_id,
                           uint32_t direction,
                           mediadev_visit visit,
                           void *user_data);

/**
 * Copies the path of the device node of an interface, or of the first interface that controls an entity, with its NUL. The system is
 * asked now, not before: the node of a device that has been renamed is found, and one that has gone is not.
 *
 * Returns the length of the path; -ENOENT there is no such device, no interface controls the entity, no thing has the id; -ERANGE
 * \p size is too small (with 0 nothing is copied), -EINVAL a NULL argument.
 */
int mediadev_topology_devnode(struct mediadev_topology *topology,
                              uint32_t interface_or_entity_id,
                              char *path,
                              size_t size);

/**
 * Draws the graph in the language of Graphviz, as `media-ctl --print-dot` does. *\p text is the caller's, to be freed with
 * mediadev_free().
 *
 * Returns 0, or -EINVAL a NULL argument, -ENOMEM.
 */
int mediadev_topology_to_dot(struct mediadev_topology *topology, char **text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MEDIADEV_H */
