// Stand-in for martinus/unordered_dense: the part of its interface that the
// mediasoup worker uses, on top of the standard library's hash tables.
#pragma once
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename T, typename = void>
	struct hash
	{
		using is_avalanching = void;

		std::uint64_t operator()(const T& value) const noexcept(noexcept(std::hash<T>{}(value)))
		{
			// splitmix64 finalizer: std::hash of an integer is the integer itself.
			std::uint64_t x = static_cast<std::uint64_t>(std::hash<T>{}(value));

			x += 0x9e3779b97f4a7c15ULL;
			x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
			x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;

			return x ^ (x >> 31);
		}
	};

	template<typename K, typename V, typename H = hash<K>, typename E = std::equal_to<K>>
	using map = std::unordered_map<K, V, H, E>;

	template<typename K, typename H = hash<K>, typename E = std::equal_to<K>>
	using set = std::unordered_set<K, H, E>;
} // namespace ankerl::unordered_dense
