package retail1;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Filter;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * One block cache for the stores of all tasks, with index and filter blocks in it, as Kafka Streams' documentation of memory management shows.
 * Write buffers stay as Streams sets them: three of 16 MiB for each store.
 */
public final class SharedBlockCache implements RocksDBConfigSetter {
  private static final long CACHE_BYTES = 128 << 20;
  private static final int BLOCK_BYTES = 16 << 10;
  private static final Cache CACHE = new LRUCache(CACHE_BYTES, -1, false, 0.1);
  private static final Filter FILTER = new BloomFilter();

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(CACHE);
    table.setBlockSize(BLOCK_BYTES);
    table.setFilterPolicy(FILTER);
    table.setCacheIndexAndFilterBlocks(true);
    table.setCacheIndexAndFilterBlocksWithHighPriority(true);
    table.setPinTopLevelIndexAndFilter(true);
    options.setTableFormatConfig(table);
  }

  @Override
  public void close(String storeName, Options options) {
    // The cache and the filter are shared, and live as long as the process.
  }
}
