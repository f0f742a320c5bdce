// Writes the fixtures beside this script with Hugging Face's tokenizers 0.23.2 (npm), whose core is the library itself.
// trainer-corpus.txt is the opening of Edith Wharton's The Verdict (1908, public domain), then lines in other scripts.
//   npm install tokenizers@0.23.2
//   node make-fixtures.js <folder of test data, holding tokenizers/gpt2 and tokenizers/hf-json>
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const { Tokenizer, BPE, byteLevelPreTokenizer } = require('tokenizers');
const data = process.argv[2], here = __dirname;

const texts = [
  '', ' ', '  ', '\n', 'hello', 'Hello world', ' Hello world', 'Hello  world   again\n\n\n next', 'a\n b\n\n c \t d',
  "it's we'll they've I'd you're don't I'm 'S 'T 'x '' 's'", "'tis the season' \"quoted\" (it's)",
  'The quick brown fox jumps over the lazy dog. 0123456789 3.14159 1,000,000',
  'Größe über naïve façade déjà vu', 'Съешь же ещё этих мягких французских булок', '色は匂へど散りぬるを 日本語 中文', 'مرحبا بالعالم हिन्दी में',
  '🙂 👩‍👩‍👧 𝒜𝒷𝒸 𐐀𐐁 𠀀𠀁 ①②③ ½ Ⅷ ² 𝟘𝟙', 'tab\tseparated\tvalues\r\nand lines\r\n', '\u00a0nbsp\u2003em\u3000ideographic\u0085nel\u2028ls',
  '<|endoftext|> inside text', 'x'.repeat(300), ' '.repeat(50) + 'indented', 'public static void Main(string[] args) { Console.WriteLine("Hi"); }',
  'e\u0301 combining n\u0303o \u200bzero\ufeffwidth \ufffd', '$100 50% a+b=c #tag @user http://example.com/a?b=c&d=e', 'SolidGoldMagikarp attRot petertodd',
];

async function main() {
  const gpt2 = new Tokenizer(await BPE.fromFile(path.join(data, 'tokenizers/gpt2/encoder.json'), path.join(data, 'tokenizers/gpt2/vocab.bpe')));
  gpt2.setPreTokenizer(byteLevelPreTokenizer(false));
  const codegen = Tokenizer.fromString(zlib.gunzipSync(fs.readFileSync(path.join(data, 'tokenizers/hf-json/bytelevel-bpe.tokenizer.json.gz'))).toString('utf8'));
  const rows = [];
  for (const text of texts) {
    const ids = async t => (await t.encode(text, null, { addSpecialTokens: false })).getIds();
    rows.push({ text, gpt2: await ids(gpt2), codegen: await ids(codegen) });
  }
  fs.writeFileSync(path.join(here, 'recorded-ids.json'), '[\n' + rows.map(r => JSON.stringify(r)).join(',\n') + '\n]\n');

  const trained = new Tokenizer(BPE.init({}, []));
  trained.setPreTokenizer(byteLevelPreTokenizer(false));
  trained.train([path.join(here, 'trainer-corpus.txt')]);
  const file = path.join(here, 'trained.tmp.json');
  trained.save(file);
  const model = JSON.parse(fs.readFileSync(file, 'utf8')).model;
  fs.unlinkSync(file);
  fs.writeFileSync(path.join(here, 'trainer-merges.txt'), model.merges.map(m => Array.isArray(m) ? m.join(' ') : m).join('\n') + '\n');
}
main();
