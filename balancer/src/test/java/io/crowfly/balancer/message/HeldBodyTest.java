package io.crowfly.balancer.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.crowfly.balancer.transport.DirectMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The held part of a request's body: by reference, and with little memory even for small chunks. */
class HeldBodyTest {

    private static final int MANY = 10_000;

    private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
    private final HeldBody held = new HeldBody(new HeldMemory(DirectMemory.ofJvm()));
    private final List<ByteBuf> reads = new ArrayList<>();

    /** A slice of a read buffer, as a decoder passes it on. */
    private ByteBuf piece(String text) {
        ByteBuf read = allocator.directBuffer(2048, 2048);
        reads.add(read);
        return read.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1)).readSlice(text.length());
    }

    private static String digits(int count) {
        StringBuilder text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append((char) ('0' + i * 7 % 10));
        }
        return text.toString();
    }

    private void holdByteByByte(String text) {
        for (int i = 0; i < text.length(); i++) {
            held.hold(piece(text.substring(i, i + 1)));
        }
    }

    private List<ByteBuf> duplicates() {
        List<ByteBuf> duplicates = new ArrayList<>();
        held.replayTo(duplicates::add);
        return duplicates;
    }

    /** Returns the content of these buffers and releases them. */
    private static String sent(List<ByteBuf> duplicates) {
        ByteBuf all = Unpooled.wrappedBuffer(duplicates.toArray(new ByteBuf[0]));
        try {
            return all.toString(StandardCharsets.ISO_8859_1);
        } finally {
            all.release();
        }
    }

    @Test
    void holdsAFewPiecesByReference() {
        ByteBuf first = piece("hello, ");
        ByteBuf second = piece("world");
        held.hold(first);
        held.hold(second);
        List<ByteBuf> duplicates = duplicates();
        assertThat(duplicates)
                .extracting(ByteBuf::memoryAddress)
                .containsExactly(first.memoryAddress(), second.memoryAddress());
        assertThat(sent(duplicates)).isEqualTo("hello, world");
        held.release();
    }

    @Test
    void doesNotHoldAReadBufferPerChunkOfOneByte() {
        String text = digits(MANY);
        holdByteByByte(text);
        assertThat(held.bytes()).isEqualTo(MANY);
        assertThat(reads.stream().filter(read -> read.refCnt() > 0).count()).isLessThan(100);
        assertThat(allocator.pinnedDirectMemory()).isLessThan(1 << 20);
        assertThat(sent(duplicates())).isEqualTo(text);
        held.release();
    }

    @Test
    void alternatingLargeAndSmallPiecesTakeLittleMoreMemory() {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            for (String text : new String[] {digits(1025), "x"}) {
                expected.append(text);
                held.hold(piece(text));
            }
        }
        assertThat(allocator.pinnedDirectMemory()).isLessThan(8 * held.bytes());
        assertThat(sent(duplicates())).isEqualTo(expected.toString());
        held.release();
    }

    @Test
    void doesNotCopyLargeChunksThatReadsHaveSplit() {
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            ByteBuf piece = piece(digits(i % 2 == 0 ? 2000 : 100));
            addresses.add(piece.memoryAddress());
            held.hold(piece);
        }
        List<ByteBuf> duplicates = duplicates();
        assertThat(duplicates).extracting(ByteBuf::memoryAddress).isEqualTo(addresses);
        assertThat(sent(duplicates)).hasSize(150 * 2100);
        held.release();
    }

    /** A client that streams generated data sends 1 KiB chunks, and a read may end inside a chunk. */
    @Test
    void doesNotCopyChunksOfOneKibibyteThatReadsHaveSplit() {
        List<Long> addresses = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            int cut = i % 3 == 0 ? 1 + i % 1023 : 1024;
            for (int length : cut == 1024 ? new int[] {1024} : new int[] {cut, 1024 - cut}) {
                ByteBuf piece = piece(digits(length));
                addresses.add(piece.memoryAddress());
                held.hold(piece);
            }
        }
        List<ByteBuf> duplicates = duplicates();
        assertThat(duplicates).extracting(ByteBuf::memoryAddress).isEqualTo(addresses);
        assertThat(sent(duplicates)).hasSize(3000 * 1024);
        held.release();
    }

    @Test
    void dataThatIsBeingSentDoesNotChangeWhenMoreIsHeld() {
        String text = digits(MANY);
        holdByteByByte(text.substring(0, MANY / 2));
        List<ByteBuf> early = duplicates();
        List<Long> addresses = early.stream().map(ByteBuf::memoryAddress).toList();
        holdByteByByte(text.substring(MANY / 2));
        // The kernel may be reading from these addresses.
        assertThat(early).extracting(ByteBuf::memoryAddress).isEqualTo(addresses);
        assertThat(sent(early)).isEqualTo(text.substring(0, MANY / 2));
        assertThat(sent(duplicates())).isEqualTo(text);
        held.release();
    }

    @Test
    void keepsTheOrderOfSmallAndLargePieces() {
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            String text = digits(i % 5 == 4 ? 2000 : 1 + i % 900);
            expected.append(text);
            held.hold(piece(text));
        }
        assertThat(sent(duplicates())).isEqualTo(expected.toString());
        held.release();
    }

    @Test
    void releasesAllAtTheEndOrWithTheLastDuplicate() {
        holdByteByByte(digits(MANY));
        List<ByteBuf> inFlight = duplicates();
        held.release();
        assertThat(held.isWhole()).isFalse();
        assertThat(sent(inFlight)).hasSize(MANY);
        assertThat(reads).allMatch(read -> read.refCnt() == 0);
        assertThat(inFlight).allMatch(duplicate -> duplicate.refCnt() == 0);
        assertThat(allocator.pinnedDirectMemory()).isZero();
    }
}
