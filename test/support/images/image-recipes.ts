/**
 * Dockerfiles of images that hold all that layers can be about. Each RUN makes a layer over those before it, so a
 * later one removes, replaces, links or re-creates what an earlier one made.
 */

interface Recipe {
  readonly name: string;
  readonly dockerfile: string;
}

/** A Debian with what package managers and administrators do to it. */
export const debianRecipe: Recipe = {
  name: 'debian',
  dockerfile: String.raw`
FROM dimgx-test/base:1
ENV LAYERS=many
# Removals: a tree, a file, and one name of a program that another package links to.
RUN rm -rf /usr/share/zoneinfo /usr/share/man && rm /etc/motd /etc/issue
# Capabilities, set-id bits, owners beyond 16 and 21 bits.
RUN cp /bin/cat /usr/local/bin/capable && setcap cap_net_raw,cap_net_admin+ep /usr/local/bin/capable \
 && cp /bin/cat /usr/local/bin/setid && chown 1000:1000 /usr/local/bin/setid && chmod 6755 /usr/local/bin/setid \
 && mkdir /srv/shared && chown 100000:3000000 /srv/shared && chmod 3777 /srv/shared
# Replacements: content, only the mode, only the owner, only the time.
RUN echo replaced > /etc/hostname && chmod 600 /etc/passwd && chown 0:7 /etc/group \
 && touch -d 1999-12-31T23:59:59.123456789Z /etc/fstab && cp /bin/true /usr/local/bin/capable
# A directory becomes a file, a file a directory, a directory a symlink, a symlink a directory.
RUN mkdir -p /srv/one/deep/tree /srv/two && touch /srv/one/deep/tree/leaf /srv/file && ln -s two /srv/link
RUN rm -rf /srv/one && echo file > /srv/one && rm /srv/file && mkdir /srv/file && touch /srv/file/inside \
 && rm -rf /srv/two && ln -s /etc /srv/two && rm /srv/link && mkdir /srv/link && touch /srv/link/inside
# Hard links within a layer, over layers, to a symlink, to a set-id program.
RUN mkdir /srv/links && echo first > /srv/links/a && ln /srv/links/a /srv/links/b && ln /srv/links/a /srv/links/c \
 && ln -s a /srv/links/symlink && ln /srv/links/symlink /srv/links/symlink2 && ln /usr/bin/perl /srv/links/perl
RUN rm /srv/links/a && echo second > /srv/links/b && ln /usr/local/bin/setid /srv/links/setid
# Deleted and made anew, in the same layer: what lay in it before must not come back.
RUN mkdir -p /srv/anew/sub && touch /srv/anew/old /srv/anew/sub/old
RUN rm -rf /srv/anew && mkdir /srv/anew && touch /srv/anew/new
CMD ["/bin/bash"]
`,
};

/** Little content, and names and types that seldom occur. */
export const oddRecipe: Recipe = {
  name: 'odd',
  dockerfile: String.raw`
FROM scratch
COPY busybox /bin/busybox
# Hundreds of hard links to one file, and of symlinks.
RUN ["/bin/busybox", "sh", "-euc", "/bin/busybox --install /bin && mkdir -p /opt/bin && /bin/busybox --install -s /opt/bin"]
# Names of more than 100 and of more than 255 bytes, also as link targets.
RUN set -eu; d=/long; for i in 1 2 3 4 5 6; do d=$d/directory-$i-$(printf %060d $i); done; mkdir -p $d; \
 echo deep > $d/$(printf %0200d 7); ln $d/$(printf %0200d 7) $d/hard; ln -s $d/$(printf %0200d 7) /long/symlink
# Bytes that are no UTF-8, and characters that shells and other systems mind.
RUN set -eu; mkdir "/names"; cd /names; touch -- "$(printf 'caf\351')" 'back\slash' 'C:drive' "$(printf 'new\nline')" \
 ' leading' 'trailing ' 'quote"s' '-dash' '.wh' 'a.wh.b' "$(printf 'snow\342\230\203man')" '*'
# Everything that is no file.
RUN mkfifo /fifo && mknod /null c 1 3 && mknod /disk b 259 70000 && chmod 666 /null && ln /fifo /fifo2 && ln /null /null2
RUN truncate -s 5000000 /hole && echo end >> /hole && touch -d '1960-01-02 03:04:05' /old && ln -s nowhere /dangling
# What the layers before made goes, in part.
RUN rm /bin/vi /names/*line /fifo /null && rm -rf /long/directory-1* && echo other > /names/C:drive
RUN ["/bin/busybox", "rm", "-rf", "/opt", "/names"]
RUN mkdir /names && touch /names/again
`,
};
