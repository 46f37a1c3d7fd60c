/**
 * Bytes that one write(2) to a file is given at the most. Linux takes page cache in stretches as long as the write, and
 * long ones are dear where memory is fragmented or lent by a host: with `dd` onto ext4 of Linux 6.18, a gigabyte took
 * 0.3 s by 128 KiB and 0.9 to 2.5 s by 1 MiB.
 */
export const WRITE_PIECE = 128 * 1024;
