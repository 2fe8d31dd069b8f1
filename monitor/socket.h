/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A UNIX socket that listens for one client at a time; further ones wait in the backlog until it
 * leaves. Nothing blocks but monitor_socket_serve with a timeout.
 */
#ifndef MONITOR_SOCKET_H
#define MONITOR_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct monitor_socket;

/* What happens at the other end. */
struct monitor_socket_events {
	void *ctx;
	void (*connected)(void *ctx);
	/* Returns 0, or -1: send what was queued, then hang up. */
	int (*input)(void *ctx, const void *bytes, size_t size);
	void (*disconnected)(void *ctx);
};

/* A client that does not read: above the first no input is taken from it, above the second it is
   dropped. */
#define MONITOR_SOCKET_QUEUE	 0x10000
#define MONITOR_SOCKET_MAX_QUEUE 0x400000

/*
 * Listens at path, which only the owner may connect to (mode 0600). A socket file at which nobody
 * listens any more is replaced; anything else there is an error. NULL with err set.
 */
struct monitor_socket *monitor_socket_open(
	const char *path, const struct monitor_socket_events *events, struct sev_error *err);

/* Removes the file, if it is still ours, and hangs up. socket may be NULL. */
void monitor_socket_close(struct monitor_socket *socket);

/*
 * One poll(): waits at most timeout milliseconds (0: not at all, -1: for ever) for something to
 * happen and deals with it.
 */
void monitor_socket_serve(struct monitor_socket *socket, int timeout);

/* Queues bytes for the client. Without one they are gone. */
void monitor_socket_send(struct monitor_socket *socket, const void *bytes, size_t size);

/* Waits at most timeout milliseconds until all that was queued is sent. Takes no input. */
void monitor_socket_flush(struct monitor_socket *socket, int timeout);

#ifdef __cplusplus
}
#endif
#endif
