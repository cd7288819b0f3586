//! Data that is small when compressed and large when decompressed.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

const MEBIBYTE: usize = 1024 * 1024;

/// Zeros in gzip format (RFC 1952) in three parts, so that nothing needs to hold all of them in memory.
pub(crate) struct GzipBomb {
    /// The first part.
    pub(crate) header: Bytes,
    /// Repeated once for each mebibyte.
    pub(crate) mebibyte: Bytes,
    /// The last part.
    pub(crate) trailer: Bytes,
}

impl GzipBomb {
    pub(crate) fn of_mebibytes(count: u32) -> Self {
        let zeros = vec![0; MEBIBYTE];
        let mut mebibyte = Vec::with_capacity(4096);
        let mut compress = Compress::new(Compression::best(), false);
        // A full flush ends at a byte boundary without references to earlier data, so the same bytes can be repeated.
        let done = compress.compress_vec(&zeros, &mut mebibyte, FlushCompress::Full);
        assert!(done.is_ok() && compress.total_in() == MEBIBYTE as u64, "a mebibyte of zeros fits into 4 KiB");

        let (mut one, mut all) = (Crc::new(), Crc::new());
        one.update(&zeros);
        (0..count).for_each(|_| all.combine(&one));
        // Magic number, deflate, no flags, no time, best compression, unknown system (RFC 1952 section 2.3).
        let header = Bytes::from_static(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
        // A final, empty block; the checksum and the length, modulo 2^32.
        let length = count.wrapping_mul(MEBIBYTE as u32);
        let trailer = [&[3, 0][..], &all.sum().to_le_bytes(), &length.to_le_bytes()].concat();
        Self { header, mebibyte: mebibyte.into(), trailer: trailer.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};

    use flate2::{bufread::GzDecoder, write};

    use super::*;

    #[test]
    fn a_bomb_is_one_valid_gzip_stream_of_its_size() {
        let bomb = GzipBomb::of_mebibytes(3);
        let whole = [&bomb.header[..], &bomb.mebibyte.repeat(3), &bomb.trailer].concat();
        let mut decoder = GzDecoder::new(&whole[..]);
        let mut zeros = Vec::new();
        assert_eq!(decoder.read_to_end(&mut zeros).unwrap(), 3 * MEBIBYTE);
        assert!(zeros.iter().all(|byte| *byte == 0) && decoder.into_inner().is_empty());
        assert!(whole.len() < 3 * 4096, "{}", whole.len());
    }

    #[test]
    fn a_wrong_sum_would_be_noticed() {
        let bomb = GzipBomb::of_mebibytes(2);
        let mut decoder = write::GzDecoder::new(io::sink());
        decoder.write_all(&[&bomb.header[..], &bomb.mebibyte, &bomb.trailer].concat()).unwrap();
        assert!(decoder.finish().is_err());
    }
}
