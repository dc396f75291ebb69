/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one place that says which release this is; packaging reads it from here.
 */
#ifndef NHV_VERSION_H
#define NHV_VERSION_H

#define NHV_VERSION	"0.1.0"

#endif
