<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<h1>Error catalogue</h1>
<p class="lead">Every error that Strongroom can tell you, by the name that pages, problem documents and the operator command use.</p>
<div class="table-frame">
<table class="stacked" id="error-catalogue">
<thead><tr><th scope="col">Type</th><th scope="col">Title</th><th scope="col">HTTP status</th><th scope="col">Exit code</th></tr></thead>
<tbody><xsl:apply-templates select="errors/error"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="error">
<tr>
<th scope="row" data-label="Type"><a href="/errors/{@type}"><code><xsl:value-of select="@type"/></code></a></th>
<td data-label="Title"><xsl:value-of select="@heading"/></td>
<td data-label="HTTP status"><xsl:value-of select="@status"/></td>
<td data-label="Exit code"><xsl:value-of select="@exit-code"/></td>
</tr>
</xsl:template>
</xsl:stylesheet>
