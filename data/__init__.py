"""Get, keep, give: readers, roads and travel times, the store, exports, samples."""
