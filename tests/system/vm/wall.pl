# wall.pl: a JPEG of 640x480 that is grey all over: what a camera sees with nobody before it. Of each of its 4,800 blocks
# it says that it is like the one before and has nothing in it, in two bits, both 0.
use strict;
use warnings;

sub segment { return pack('n n a*', $_[0], 2 + length $_[1], $_[1]); }
sub one_code { return pack('C C16 C', $_[0], 1, (0) x 16); }    # Huffman table: the value 0 is coded as the bit 0

binmode STDOUT;
print pack('n', 0xffd8),
    segment(0xffdb, pack('C C64', 0, (16) x 64)),
    segment(0xffc0, pack('C n n C C3', 8, 480, 640, 1, 1, 0x11, 0)),
    segment(0xffc4, one_code(0x00) . one_code(0x10)),
    segment(0xffda, pack('C C2 C3', 1, 1, 0, 0, 63, 0)),
    "\0" x (4800 * 2 / 8), pack('n', 0xffd9);
