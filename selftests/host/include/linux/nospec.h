/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_NOSPEC_H
#define HOST_LINUX_NOSPEC_H

/* Nobody speculates here: only what the index must be is kept. */
#define array_index_nospec(index, size)	((index) % (size))

#endif
