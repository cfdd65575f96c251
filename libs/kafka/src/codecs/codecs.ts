import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress, uncompress } from 'snappy';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** Header of the framing that the Java client puts around snappy blocks: eight bytes of magic, then two versions. */
const javaSnappyMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const javaSnappyHeaderBytes = 16;

/** `magic, version, compatible version, then blocks of (length: int32 BE, bytes)`; without the magic it is one plain block. */
async function uncompressSnappy(buffer: Buffer): Promise<Buffer> {
  if (!buffer.subarray(0, javaSnappyMagic.length).equals(javaSnappyMagic)) return toBuffer(await uncompress(buffer));
  const blocks: Buffer[] = [];
  for (let offset = javaSnappyHeaderBytes; offset < buffer.length;) {
    const length = buffer.readInt32BE(offset);
    blocks.push(toBuffer(await uncompress(buffer.subarray(offset + 4, offset + 4 + length))));
    offset += 4 + length;
  }
  return Buffer.concat(blocks);
}

const toBuffer = (data: string | Uint8Array): Buffer =>
  typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);

const zstd = promisify<Buffer, Buffer>(zstdCompress);
const unzstd = promisify<Buffer, Buffer>(zstdDecompress);

interface Encoder {
  readonly buffer: Buffer;
}

/** kafkajs brings gzip; the other codecs must be there before the first record, since an unknown one stops a consumer. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async ({ buffer }: Encoder) => compress(buffer),
    decompress: (buffer: Buffer) => uncompressSnappy(buffer),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: Encoder) => compressFrame(buffer),
    decompress: (buffer: Buffer) => decompressFrame(buffer),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: Encoder) => zstd(buffer),
    decompress: (buffer: Buffer) => unzstd(buffer),
  });
}
