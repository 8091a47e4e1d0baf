// The lines of a file to partition 0 of a topic and back, with kafkajs.
const fs = require('fs')
const { once } = require('events')
const { parseArgs } = require('util')
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs')
const snappy = require('kafkajs-snappy')
const lz4 = require('lz4-napi')
const zstd = require('@bokuweb/zstd-wasm')

const BATCH_BYTES_MAX = 200 * 1024
const SILENCE_MAX_MS = 30000

CompressionCodecs[CompressionTypes.Snappy] = snappy
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4.compressFrameSync(encoder.buffer),
  decompress: async buffer => lz4.decompressFrameSync(buffer),
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd.compress(encoder.buffer, 3)),
  decompress: async buffer => Buffer.from(zstd.decompress(buffer)),
})
const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

async function produce(kafka, options) {
  const producer = kafka.producer({ idempotent: options.idempotent, maxInFlightRequests: 1 })
  await producer.connect()
  const send = messages => producer.send({
    topic: options.topic, messages, compression: CODECS[options.codec], acks: options.acks === 'all' ? -1 : Number(options.acks),
  })
  let messages = []
  let bytes = 0
  for await (const line of lines(options.file)) {
    messages.push({ value: line, partition: 0 })
    bytes += line.length
    if (bytes >= BATCH_BYTES_MAX) {
      await send(messages)
      messages = []
      bytes = 0
    }
  }
  if (messages.length) await send(messages)
  await producer.disconnect()
}

// Each line as bytes: no decoding on the way.
async function* lines(path) {
  let rest = Buffer.alloc(0)
  for await (const chunk of fs.createReadStream(path, { highWaterMark: 1 << 20 })) {
    const data = rest.length ? Buffer.concat([rest, chunk]) : chunk
    let from = 0
    for (let to = data.indexOf(10); to >= 0; to = data.indexOf(10, from)) {
      yield data.subarray(from, to)
      from = to + 1
    }
    rest = data.subarray(from)
  }
  if (rest.length) yield rest
}

async function consume(kafka, options) {
  const consumer = kafka.consumer({ groupId: `kafkajs-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 200 })
  const out = fs.createWriteStream(options.out)
  const count = Number(options.count)
  await consumer.connect()
  await consumer.subscribe({ topic: options.topic, fromBeginning: true })
  let due = 0
  await new Promise((resolve, reject) => {
    const overdue = () => reject(new Error(`no record for ${SILENCE_MAX_MS / 1000} s at offset ${due}`))
    let patience = setTimeout(overdue, SILENCE_MAX_MS)
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error))
    consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        for (const { offset, value } of batch.messages) {
          if (due === count) break
          if (Number(offset) !== due) throw new Error(`offset ${offset} where ${due} is due`)
          out.write(value)
          out.write('\n')
          due++
        }
        if (out.writableNeedDrain) await once(out, 'drain')
        clearTimeout(patience)
        if (due === count) resolve()
        else patience = setTimeout(overdue, SILENCE_MAX_MS)
      },
    }).catch(reject)
  })
  out.end()
  await once(out, 'finish')
  await consumer.disconnect()
}

async function main() {
  const { positionals, values: options } = parseArgs({
    allowPositionals: true,
    options: {
      broker: { type: 'string' },
      topic: { type: 'string' },
      file: { type: 'string' },
      codec: { type: 'string', default: 'none' },
      acks: { type: 'string', default: 'all' },
      idempotent: { type: 'boolean', default: false },
      count: { type: 'string' },
      out: { type: 'string' },
    },
  })
  await zstd.init()
  const kafka = new Kafka({ clientId: 'compat', brokers: [options.broker], logLevel: logLevel.NOTHING })
  await { produce, consume }[positionals[0]](kafka, options)
}

main().then(() => process.exit(0), error => {
  console.error(error.message)
  process.exit(1)
})
