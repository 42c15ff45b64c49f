<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/checks.xsl"/>
<xsl:template match="page" mode="content">
<h1>Status</h1>
<p class="lead" id="status-lead"><xsl:choose>
<xsl:when test="status/@good='yes'">All is well.</xsl:when>
<xsl:otherwise>Something needs attention; each check says what to do.</xsl:otherwise>
</xsl:choose> Strongroom <span id="status-version"><xsl:value-of select="status/@version"/></span>.</p>
<xsl:apply-templates select="status/checks"/>
<xsl:apply-templates select="status/channels"/>
</xsl:template>

<xsl:template match="channels">
<section aria-labelledby="channels-heading">
<h2 id="channels-heading">Redaction in this worker since it was started</h2>
<p class="fine">It knows <strong id="status-known"><xsl:value-of select="@known"/></strong> versions of secrets. For all workers together, <code>/metrics</code>.</p>
<div class="table-frame">
<table class="stacked" id="status-channels">
<thead><tr><th scope="col">Channel</th><th scope="col">Texts passed</th><th scope="col">Known secrets masked</th><th scope="col">Masked by rules</th><th scope="col">Withheld</th></tr></thead>
<tbody><xsl:apply-templates select="channel"/></tbody>
</table>
</div>
</section>
</xsl:template>
<xsl:template match="channel">
<tr id="status-channel-{@name}">
<th scope="row" data-label="Channel"><xsl:value-of select="@name"/></th>
<td data-label="Texts passed"><xsl:value-of select="@passed"/></td>
<td data-label="Known secrets masked"><xsl:value-of select="@known"/></td>
<td data-label="Masked by rules"><xsl:value-of select="@rules"/></td>
<td data-label="Withheld"><xsl:value-of select="@withheld"/></td>
</tr>
</xsl:template>
</xsl:stylesheet>
