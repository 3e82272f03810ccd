#include <cstdint>
#include <string>
#include <vector>

#include "cpp/check.h"
#include "hash/hash.h"
#include "hash/xxh64_many.h"

using namespace recfast;
using namespace recfast::test;

namespace {

// XXH64 of the first `length` bytes of 0, 1, 2, ... with three seeds; from PyPI's xxhash 4.1.0.
struct Golden {
  size_t length;
  uint64_t seed0, seed1, seed2;
};

constexpr uint64_t kSeeds[] = {0, 2654435761u, 0xFFFFFFFFFFFFFFFFu};
constexpr Golden kGolden[] = {
    {0, 0xEF46DB3751D8E999u, 0xAC75FDA2929B17EFu, 0x298F4C84B24F5380u},
    {1, 0xE934A84ADB052768u, 0x5014607643A9B4C3u, 0x8BA3328805E37C90u},
    {2, 0x4865A00BA85B7CD6u, 0x1C69EC70F5693C5Cu, 0xCB130906E42D76CDu},
    {3, 0xE5C7BB4533BC65DDu, 0x47AA45ED39ED5541u, 0x2766DA80AF982D5Du},
    {4, 0xFFCED8604453CC1Eu, 0xB8F1A51893FA14E6u, 0x50EE1D0D77C6CA04u},
    {5, 0xDD0274386E26030Cu, 0xD7F8AB75B8AFD861u, 0x0F3C50C2D6A349AEu},
    {7, 0x14CC643F630C72D2u, 0x13F31C4A8E5F8252u, 0x53899EA28B7375FCu},
    {8, 0x884A173614B81B8Du, 0xCB74EF9D044DCF44u, 0x367A57C649C7A5ACu},
    {9, 0x67D85784A7C78C5Bu, 0xEC2D11FCD3825091u, 0x79B2F5587C1C0431u},
    {12, 0x424AF23F1F08DCA5u, 0x360A9AD658668EBCu, 0x51FC0CE6A4DB3652u},
    {15, 0xA948F5F0F6ABAC2Du, 0x04AE9246817C4B6Bu, 0xFCC7839551CFEBCAu},
    {16, 0x44B6EF2FB84169F7u, 0x673E90AEBEAC5689u, 0xB261C2EF4316CC29u},
    {31, 0xC346D2B59B4D8EE1u, 0x71969C89A30A986Au, 0x208E0384FFFFDB7Au},
    {32, 0xCBF59C5116FF32B4u, 0x7181354774E0D600u, 0x35220DFDB7D4D7C9u},
    {33, 0x0C535D1ACAFB8EADu, 0x57BD8AD0A0390E6Du, 0x5677D5193D356C20u},
    {47, 0x0D9883A03E7BFBB8u, 0x2EB60A79D8196B2Au, 0x00DB852CBEBE3E2Eu},
    {63, 0xE26AA9E2A95F8E4Fu, 0x892362045C7BADFBu, 0xC57C35BC58C8FE4Au},
    {64, 0xF7C67301DB6713F0u, 0x6E545403B828CF8Bu, 0x79E8B8230306E25Cu},
    {65, 0xC31EB63B2AE4465Bu, 0x82A6B6606BD9EF0Fu, 0xFA0F7B9ED6B1F9EEu},
    {100, 0x6AC1E58032166597u, 0x8832442A88284F11u, 0x09A991A091C9F6D7u},
    {255, 0x0F7D97507CAAD693u, 0x365FC69F194518D9u, 0xEEE590888BB50713u},
};

std::string bytes_up_to(size_t n) {
  std::string bytes;
  for (size_t i = 0; i < n; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

}  // namespace

TEST(xxh64_gives_the_golden_values) {
  for (const Golden& golden : kGolden) {
    const std::string exact = bytes_up_to(golden.length);
    CHECK(xxh64(exact.data(), exact.size(), kSeeds[0]) == golden.seed0);
    CHECK(hash_bytes(exact, kSeeds[1]) == golden.seed1);
    const std::vector<char> heap(exact.begin(), exact.end());  // AddressSanitizer sees its end
    CHECK(xxh64(heap.data(), heap.size(), kSeeds[2]) == golden.seed2);
  }
  CHECK(xxh64(nullptr, 0, 0) == 0xEF46DB3751D8E999u);
}

TEST(xxh64_takes_any_alignment) {
  const std::string padded = "x" + bytes_up_to(100);
  CHECK(xxh64(padded.data() + 1, 100, 0) == xxh64(bytes_up_to(100).data(), 100, 0));
}

TEST(hash_int_is_the_hash_of_8_little_endian_bytes) {
  for (int64_t value : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{1234567890123}, INT64_MIN, INT64_MAX})
    for (uint64_t seed : kSeeds) {
      unsigned char bytes[8];
      for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(static_cast<uint64_t>(value) >> (8 * i));
      CHECK(hash_int(value, seed) == xxh64(bytes, 8, seed));
    }
}

TEST(bucket_is_the_high_half_of_the_product) {
  CHECK(bucket(0, 10) == 0);
  CHECK(bucket(~uint64_t{0}, 10) == 9);
  CHECK(bucket(~uint64_t{0}, 1) == 0);
  CHECK(bucket(uint64_t{1} << 63, 10) == 5);
  CHECK(bucket((uint64_t{1} << 63) - 1, 10) == 4);
  CHECK(bucket(~uint64_t{0}, ~uint64_t{0}) == ~uint64_t{0} - 1);
}

TEST(field_seed_is_the_hash_of_the_name) {
  CHECK(field_seed("brand") == xxh64("brand", 5, 0));
}

TEST(many_texts_are_hashed_as_each_of_them) {
  for (const int64_t n : {1, 5, 6, 7, 63, 64, 251, 252, 253, 600}) {
    for (const int64_t lengths : {1, 2, 3, 9, 45}) {
      std::vector<std::vector<char>> texts;  // each by itself on the heap: AddressSanitizer sees its end
      for (int64_t i = 0; i < n; ++i) {
        const std::string text = bytes_up_to(static_cast<size_t>(i * i % lengths + (lengths == 1 ? 13 : 0)));
        texts.emplace_back(text.begin(), text.end());
      }
      std::vector<uint64_t> hashes(static_cast<size_t>(n));
      const auto at = [&](int64_t i) {
        return std::string_view(texts[static_cast<size_t>(i)].data(), texts[static_cast<size_t>(i)].size());
      };
      xxh64_many(n, at, kSeeds[1], hashes.data());
      for (int64_t i = 0; i < n; ++i) CHECK(hashes[static_cast<size_t>(i)] == hash_bytes(at(i), kSeeds[1]));
    }
  }
}
