using System.Text;
using Stemma.Text;
using Stemma.Text.Corpora.Dotnet;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Dotnet;

public sealed class DotnetDocsCorpusTests
{
    private const string Sample = """
        <?xml version="1.0"?><doc><members>
        <member name="T:Shop.Basket`1"><summary>Holds <see cref="T:Shop.Item`2"/> values, see <see cref="P:Shop.Basket`1.Count" />.</summary><typeparam name="TItem">The kind of item.</typeparam></member>
        <member name="T:Shop.Item`2"><typeparam name="TKey">Key.</typeparam><typeparam name="TValue">Value.</typeparam><summary>An  item.</summary></member>
        <member name="M:Shop.Basket`1.#ctor(System.Int32)"><summary>Makes one.</summary><param name="size">The size.</param></member>
        <member name="M:Shop.Basket`1.Add``1(`0,System.Collections.Generic.IDictionary{System.String,``0[]},System.Int32@)">
          <summary><para>Adds <paramref name="item" />.</para><para>Not <see langword="null" />,
          or <c>x
          y</c>.</para></summary>
          <typeparam name="TOther">Other.</typeparam><param name="item">The item.

           -or-

           Nothing.</param><param name="map">A map.</param><param name="count">A count.</param>
          <exception cref="T:System.ArgumentNullException"><paramref name="item" /> is <see langword="null" />.</exception>
          <returns>One of <list type="table"><listheader><term>Value</term><description>Meaning</description></listheader><item><term>0</term><description>None</description></item></list></returns>
          <remarks>See <see href="https://example.com">the page</see>.<code>
            var x = 1;
            var y = 2;
          </code>Then go on.</remarks>
        </member>
        <member name="M:Shop.Basket`1.Shop#IBasket{TItem}#Clear"><summary>Clears.</summary></member>
        <member name="M:Shop.Basket`1.op_Explicit(Shop.Basket{`0})~System.Int32"><summary>Counts.</summary></member>
        <member name="P:Shop.Basket`1.Item(System.Int32)"><summary>Gets one.</summary><param name="index">Where.</param><value>It.</value></member>
        <member name="P:Shop.Basket`1.Count"><inheritdoc /></member>
        <member name="M:Shop.Alone.Run"><summary>Runs.</summary></member>
        <member name="T:Shop.Silent"><summary></summary></member>
        <member name="M:Shop.Alone.Run"><summary>Runs again.</summary></member>
        </members></doc>
        """;

    [Fact]
    public void Documentation_becomes_a_document_per_type_and_a_paragraph_per_member()
    {
        using var root = new TemporaryFolder();
        root.Write("packs/Shop.Ref/1.9.0/ref/net9.0/Shop.xml", Sample.Replace("An  item", "Old", StringComparison.Ordinal));
        root.Write("packs/Shop.Ref/1.10.0/ref/net10.0/Shop.xml", Sample);
        root.Write("packs/Shop.Ref/1.10.0-rc.1/ref/net10.0/Shop.xml", "<broken");
        var corpus = new DotnetDocsCorpus(root.Path);
        var documents = corpus.Documents().ToDictionary(document => document.Name, document => document.Text);
        Assert.Equal(("Shop.Ref", "1.10.0"), (corpus.Packs.Single().Name, corpus.Packs.Single().Version));
        Assert.Equal(["Shop.Alone", "Shop.Basket`1", "Shop.Item`2"], documents.Keys);
        Assert.Equal("Alone (Shop)\n\nRun()\nRuns.\n", documents["Shop.Alone"]);
        Assert.Equal("Item<TKey, TValue> (Shop)\nAn item.\nTKey: Key.\nTValue: Value.\n", documents["Shop.Item`2"]);
        const string Expected = """
            Basket<TItem> (Shop)
            Holds Item<TKey, TValue> values, see Basket<TItem>.Count.
            TItem: The kind of item.

            Basket<TItem>(int size)
            Makes one.
            size: The size.

            Add<TOther>(TItem item, IDictionary<string, TOther[]> map, ref int count)
            Adds item.
            Not null, or x y.
            TOther: Other.
            item: The item.
            -or-
            Nothing.
            map: A map.
            count: A count.
            Returns: One of
            - Value: Meaning
            - 0: None
            See the page.
            Then go on.
            ArgumentNullException: item is null.

            IBasket<TItem>.Clear()
            Clears.

            explicit operator int(Basket<TItem>)
            Counts.

            Item[int index]
            Gets one.
            index: Where.
            Value: It.

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), documents["Shop.Basket`1"]);
    }

    [Fact]
    public void Nothing_is_said_twice()
    {
        using var root = new TemporaryFolder();
        root.Write("packs/A.Ref/1.0.0/ref/net10.0/A.xml", """
            <doc><members>
            <member name="T:A.Pen"><summary>A pen.</summary></member>
            <member name="M:A.Pen.Write(System.Int32)"><summary>Writes a number.</summary><param name="value">What to write.</param></member>
            <member name="M:A.Pen.Write(System.Int64)"><summary>Writes a long number.</summary><param name="value">What to write.</param></member>
            <member name="M:A.Pen.Write(System.Byte)"><summary>Writes a number.</summary><param name="value">What to write.</param></member>
            <member name="T:A.Quill"><summary>A quill.</summary></member>
            <member name="M:A.Quill.Write(System.Int16)"><summary>Writes a number.</summary><param name="value">What to write.</param></member>
            <member name="M:A.Quill.Dip"><summary>What to write.</summary></member>
            </members></doc>
            """);
        var documents = new DotnetDocsCorpus(root.Path).Documents().ToList();
        Assert.Equal("Pen (A)\nA pen.\n\nWrite(int value)\nWrites a number.\nvalue: What to write.\n\nWrite(long value)\nWrites a long number.\n", documents[0].Text);
        Assert.Equal("Quill (A)\nA quill.\n\nDip()\nWhat to write.\n", documents[1].Text);
    }

    [Fact]
    public void An_sdk_without_documentation_tells_the_way_out()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root["packs/Microsoft.NETCore.App.Ref/10.0.0/ref/net10.0"]);
        var error = Assert.Throws<TextFormatException>(() => new DotnetDocsCorpus(root.Path).Documents());
        Assert.Contains("Install the .NET SDK or set DOTNET_ROOT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_documentation_is_named_with_its_line()
    {
        using var root = new TemporaryFolder();
        root.Write("packs/A.Ref/1.0.0/ref/net10.0/A.xml", "<doc><members>\n<member name=\"T:A\"><summary>x</remarks></member></members></doc>");
        Assert.Contains("A.xml is not well-formed XML (line 2)", Assert.Throws<TextFormatException>(() => new DotnetDocsCorpus(root.Path).Documents()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_installed_sdk_gives_megabytes_of_clean_documentation()
    {
        var corpus = new DotnetDocsCorpus();
        IReadOnlyList<ReferencePack>? packs = null;
        try
        {
            packs = corpus.Packs;
        }
        catch (TextFormatException)
        {
        }

        Assert.SkipUnless(packs is not null && packs[0].Name == "Microsoft.NETCore.App.Ref", "The installed .NET SDK has no reference documentation.");
        var documents = corpus.Documents().ToList();
        Assert.InRange(documents.Count, 3_000, 100_000);
        Assert.InRange(documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text)), 8_000_000, 100_000_000);
        Assert.Equal(documents.Select(document => document.Name).Order(StringComparer.Ordinal), documents.Select(document => document.Name));
        Assert.Equal(documents.Count, documents.Select(document => document.Name).Distinct().Count());
        var paragraphs = documents.SelectMany(document => document.Text.TrimEnd('\n').Split("\n\n").Skip(1)).ToList();
        Assert.Equal(paragraphs.Count, paragraphs.Distinct().Count());
        Assert.DoesNotContain(documents, document => document.Text.Any(character => char.IsControl(character) && character != '\n'));
        var list = documents.Single(document => document.Name == "System.Collections.Generic.List`1").Text;
        Assert.StartsWith("List<T> (System.Collections.Generic)\nRepresents a strongly typed list of objects that can be accessed by index.", list, StringComparison.Ordinal);
        Assert.Contains("\n\nAdd(T item)\nAdds an object to the end of the List<T>.\nitem: The object to be added", list, StringComparison.Ordinal);
    }
}
