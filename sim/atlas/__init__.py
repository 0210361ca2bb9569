"""An atlas of what every instrument and shock does, at several sizes and from several years on, in one page."""
