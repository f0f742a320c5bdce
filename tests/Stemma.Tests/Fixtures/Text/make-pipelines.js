// Writes pipelines.json and published-ids.json beside this script with Hugging Face's tokenizers 0.23.2 and OpenAI's tiktoken 1.0.22 (npm).
//   npm install tokenizers@0.23.2 tiktoken@1.0.22
//   node make-pipelines.js <folder of test data, holding tokenizers/>
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const { Tokenizer } = require('tokenizers'), tiktoken = require('tiktoken');
const data = path.join(process.argv[2], 'tokenizers'), here = __dirname;

const base = o => Object.assign({ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null }, o);

// A model that shows where words end: every character is a token, and another at the end of a word.
const endVocab = { '<unk>': 0 };
let next = 1;
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;!?-_\'"()▁éÉñ日本語のカー漢 \n\t²½ÄäİßſΣσ\u0301') { endVocab[c] = next++; endVocab[c + '</w>'] = next++; }
const ends = o => base(Object.assign({ model: { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: '</w>', fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: endVocab, merges: [] }, decoder: { type: 'BPEDecoder', suffix: '</w>' } }, o));

// A model with bytes for unknown characters.
const byteVocab = { '<unk>': 0 };
for (let i = 0; i < 256; i++) byteVocab['<0x' + i.toString(16).toUpperCase().padStart(2, '0') + '>'] = i + 1;
let byteNext = 257;
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;!?▁é日本語ñ') byteVocab[c] = byteNext++;
const merges = [['t', 'h'], ['th', 'e'], ['a', 'n'], ['an', 'd'], ['i', 'n'], ['.', '.'], ['▁', 'a'], ['▁', 't'], [' ', 'a'], ['e', 'r'], ['日', '本'], ['1', '2'], ['A', 'B']];
for (const [a, b] of merges) if (!(a + b in byteVocab)) byteVocab[a + b] = byteNext++;
const bytes = (o, m) => base(Object.assign({ model: Object.assign({ type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: true, ignore_merges: false, vocab: byteVocab, merges }, m), decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] } }, o));
const norm = n => ends({ normalizer: n }), pre = p => ends({ pre_tokenizer: p });
const token = (id, content, o) => Object.assign({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }, o);

const pipelines = {
  nfc: norm({ type: 'NFC' }), nfd: norm({ type: 'NFD' }), nfkc: norm({ type: 'NFKC' }), nfkd: norm({ type: 'NFKD' }), lowercase: norm({ type: 'Lowercase' }),
  accents: norm({ type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'StripAccents' }] }), nmt: norm({ type: 'Nmt' }),
  replace: norm({ type: 'Replace', pattern: { String: 'th' }, content: 'X' }), regex: norm({ type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }),
  prepend: norm({ type: 'Prepend', prepend: '▁' }), bert: norm({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }),
  bytenorm: norm({ type: 'ByteLevel' }),
  whitespace: pre({ type: 'Whitespace' }), whitespacesplit: pre({ type: 'WhitespaceSplit' }), punctuation: pre({ type: 'Punctuation', behavior: 'Isolated' }),
  digits: pre({ type: 'Digits', individual_digits: true }), numbers: pre({ type: 'Digits', individual_digits: false }), delimiter: pre({ type: 'CharDelimiterSplit', delimiter: 'e' }),
  scripts: pre({ type: 'UnicodeScripts' }), bertpre: pre({ type: 'BertPreTokenizer' }), bytelevel: pre({ type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }),
  metaspace: pre({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }), metawhole: pre({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: false }),
  sequence: pre({ type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Punctuation', behavior: 'MergedWithPrevious' }, { type: 'Digits', individual_digits: false }] }),
  fallback: bytes({}), fuse: bytes({}, { byte_fallback: false, fuse_unk: true }), separate: bytes({}, { byte_fallback: false }), whole: bytes({ pre_tokenizer: { type: 'WhitespaceSplit' } }, { ignore_merges: true }),
  metadecoder: bytes({ pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }, decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } }),
  ctc: ends({ decoder: { type: 'CTC', pad_token: 'a', word_delimiter_token: 'b', cleanup: true } }), nodecoder: ends({ decoder: null }),
  added: bytes({ normalizer: { type: 'Lowercase' }, added_tokens: [token(byteNext, 'foo', { single_word: true }), token(byteNext + 1, ' bar', { lstrip: true, rstrip: true }), token(byteNext + 2, 'THE', { rstrip: true, normalized: true }), token(byteNext + 3, 'é!', { single_word: true, lstrip: true, normalized: true }), token(byteNext + 4, '<s>', { special: true })] }),
  wordlevel: base({ pre_tokenizer: { type: 'Whitespace' }, model: { type: 'WordLevel', vocab: { '<unk>': 0, the: 1, a: 2, hello: 3, world: 4, '.': 5 }, unk_token: '<unk>' } }),
  prefix: base({ pre_tokenizer: { type: 'WhitespaceSplit' }, model: { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: '##', end_of_word_suffix: null, fuse_unk: true, byte_fallback: false, vocab: { '<unk>': 0, t: 1, '##h': 2, '##e': 3, th: 4, the: 5, a: 6, '##n': 7, an: 8, '##he': 9 }, merges: ['t ##h', 'th ##e', 'a ##n'] }, decoder: { type: 'WordPiece', prefix: '##', cleanup: false } }),
  wordpiece: base({ pre_tokenizer: { type: 'BertPreTokenizer' }, model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 8, vocab: { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, the: 3, a: 4, an: 5, '##d': 6, '##n': 7, '.': 8, hello: 9, wor: 10, '##ld': 11, ',': 12, '!': 13, '[PAD]': 14, '日': 15, '##本': 16 } }, decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1] }, truncation: { direction: 'Right', max_length: 9, strategy: 'LongestFirst', stride: 0 }, padding: { strategy: { Fixed: 12 }, direction: 'Left', pad_to_multiple_of: null, pad_id: 14, pad_type_id: 0, pad_token: '[PAD]' } }),
};
pipelines.roberta = Object.assign({}, pipelines.wordpiece, { truncation: null, padding: null, post_processor: { type: 'RobertaProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 1], trim_offsets: true, add_prefix_space: true } });
pipelines.template = Object.assign({}, pipelines.wordpiece, { padding: { strategy: 'BatchLongest', direction: 'Right', pad_to_multiple_of: 8, pad_id: 14, pad_type_id: 3, pad_token: '[PAD]' }, truncation: { direction: 'Left', max_length: 10, strategy: 'LongestFirst', stride: 0 },
  post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'start', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [{ Sequence: { id: 'B', type_id: 2 } }, { SpecialToken: { id: 'start', type_id: 1 } }, { Sequence: { id: 'A', type_id: 0 } }], special_tokens: { start: { id: 'start', ids: [1, 2], tokens: ['[CLS]', '[SEP]'] } } } });
for (const behavior of ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'])
  for (const invert of [false, true]) pipelines['split' + behavior + invert] = pre({ type: 'Split', pattern: { Regex: '[a-f]+|\\p{L}\\d' }, behavior, invert });

let seed = 12345;
const random = n => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return Math.floor(seed / 0x7fffffff * n); };
const letters = [...'  abcdefTHE the and..,12a1 \n\t\'s\'LL▁éÉñ日本語のカー漢²½ÄäİßſΣσ🙂'];
const parts = ['the ', 'and ', ' foo ', 'foo', ' bar ', 'THE  ', 'é!', '<s>', '</s>', '<|endoftext|>', '  ', 'e\u0301', '\u00A0', '\u3000', '\u200b', 'ﬁ', '①', 'Å', 'ẛ̣', '한국어', '\u1100\u1161', '\r\n', '\ufffd', '\u0000', '𝐀', '𐐀', '👩‍👩‍👧', 'don\'t', 'I\'LL', 'HelloWorld', 'XMLHttp', '12345', '3.14', '/path/to\n\n', '日本語テスト', '\u0301', 'a\u0327\u0301', 'hello', 'world.'];
const texts = ['', ' ', '  ', 'Hello, world!', 'Hello world. The quick brown fox isn\'t lazy?', 'hello the . a and hello, world!', ' leading and trailing ', 'a'.repeat(40), 'foo bar foobar foo', 'x foo  THE  y é! z é!é! THE'];
for (let i = 0; i < 26; i++) { let t = ''; for (let j = 1 + random(14); j > 0; j--) t += random(5) < 2 ? parts[random(parts.length)] : letters[random(letters.length)]; texts.push(t); }

async function main() {
  const rows = [];
  for (const [name, json] of Object.entries(pipelines)) {
    const t = Tokenizer.fromString(JSON.stringify(json)), cases = [];
    for (const text of texts) {
      if (json.post_processor) {
        for (const pair of [null, 'hello a world']) {
          const e = await t.encode(text, pair, { addSpecialTokens: true });
          cases.push({ text, pair, ids: Array.from(e.getIds()), types: Array.from(e.getTypeIds()), mask: Array.from(e.getAttentionMask()) });
        }
      } else {
        const ids = Array.from((await t.encode(text, null, { addSpecialTokens: false })).getIds());
        cases.push(name === 'added' ? { text, ids } : { text, ids, decoded: await t.decode(ids, false) }); // The original decodes a normalised added token in lower case here, we as it is spelled.
      }
    }
    rows.push(JSON.stringify({ name, json }).slice(0, -1) + ',"cases":[\n' + cases.map(c => JSON.stringify(c)).join(',\n') + ']}');
  }
  fs.writeFileSync(path.join(here, 'pipelines.json'), '[\n' + rows.join(',\n') + '\n]\n');

  const phi = Tokenizer.fromString(zlib.gunzipSync(fs.readFileSync(path.join(data, 'hf-json/spm-bpe-phi3.tokenizer.json.gz'))).toString('utf8'));
  const vocab = {};
  fs.readFileSync(path.join(data, 'bert/bert-base-uncased-vocab.txt'), 'utf8').split('\n').forEach((line, id) => { if (line) vocab[line] = id; });
  const bert = Tokenizer.fromString(JSON.stringify(base({ added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map(c => token(vocab[c], c, { special: true })), normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }, pre_tokenizer: { type: 'BertPreTokenizer' }, decoder: { type: 'WordPiece', prefix: '##', cleanup: true }, model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab } })));
  const wasm = ['r50k_base', 'cl100k_base', 'o200k_base'].map(name => [name, tiktoken.get_encoding(name)]), published = [];
  for (const text of texts) {
    const row = { text };
    for (const [name, t] of [['phi3', phi], ['bert', bert]]) row[name] = Array.from((await t.encode(text, null, { addSpecialTokens: false })).getIds());
    row.phi3_text = await phi.decode(row.phi3, false);
    row.bert_text = await bert.decode(row.bert, false);
    for (const [name, t] of wasm) row[name] = Array.from(t.encode(text, 'all'));
    published.push(JSON.stringify(row));
  }
  fs.writeFileSync(path.join(here, 'published-ids.json'), '[\n' + published.join(',\n') + '\n]\n');
}
main();
