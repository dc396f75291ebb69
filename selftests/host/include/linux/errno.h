/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_ERRNO_H
#define HOST_LINUX_ERRNO_H

#include <asm/errno.h>

#endif
